using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Saga.Persistence.Access;

/// <summary>A key as its owner holds it: <c>saga_</c>, twelve hexadecimal digits that name it, <c>_</c>, 256 bits in base64url.</summary>
/// <remarks>
/// The prefix lets scanners of logs and repositories recognise a key that went astray. Only a SHA-256 of the whole is stored: a slow,
/// salted hash protects secrets that can be guessed, and 256 random bits cannot, so a fast one costs every request less and gives
/// an attacker who has the table nothing.
/// </remarks>
public static class ApiKeyText
{
    /// <summary>What every key begins with.</summary>
    public const string Prefix = "saga_";

    private const int IdBytes = 6;
    private const int IdLength = 2 * IdBytes;
    private const int SecretBytes = 32;

    /// <summary>32 bytes in base64 without padding.</summary>
    private const int SecretLength = 43;

    private const int Length = 5 + IdLength + 1 + SecretLength;

    /// <summary>A new key from the operating system's random numbers.</summary>
    public static string Create() =>
        $"{Prefix}{RandomNumberGenerator.GetHexString(IdLength, lowercase: true)}_"
        + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The public part of what may be a key; says nothing of whether it is right.</summary>
    public static bool TryReadId(string? text, [NotNullWhen(true)] out string? id)
    {
        id = null;
        if (text?.Length != Length || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + IdLength] != '_')
        {
            return false;
        }

        string digits = text.Substring(Prefix.Length, IdLength);
        id = digits.All(char.IsAsciiHexDigitLower) ? digits : null;
        return id is not null;
    }

    /// <summary>What is stored instead of the key.</summary>
    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Whether the key is the one that the hash was made of; takes as long for a wrong one as for the right one.</summary>
    public static bool Matches(string key, ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash(key), hash);
}
