using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using Saga.Api.Hosting;
using Saga.Persistence.Uploads;

namespace Saga.Api.Uploads;

/// <summary>Reads tus's request headers.</summary>
internal static class UploadHeaders
{
    /// <summary>Names of <c>Upload-Checksum</c>, as OPTIONS lists them.</summary>
    public const string Algorithms = "sha1,sha256";

    /// <exception cref="RefusedException">400: the header is missing or no whole number from 0.</exception>
    public static long RequireNumber(this HttpRequest request, string header)
    {
        StringValues text = request.Headers[header];
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw RefusedException.BadRequest(
                text.Count == 0
                    ? $"The header {header} is missing; it gives a number of bytes."
                    : $"{header} is «{LogText.Clean(text)}»; a whole number of bytes from 0 was expected.");
    }

    /// <exception cref="RefusedException">415.</exception>
    public static void RequireUploadContentType(this HttpRequest request)
    {
        if (!string.Equals(request.ContentType, TusProtocol.ContentType, StringComparison.OrdinalIgnoreCase))
        {
            throw new RefusedException(
                StatusCodes.Status415UnsupportedMediaType,
                ProblemCodes.UnsupportedMediaType,
                $"The content type is «{LogText.Clean(request.ContentType)}»; bytes of an upload come as {TusProtocol.ContentType}.");
        }
    }

    /// <summary>Null where the client promises nothing.</summary>
    /// <exception cref="RefusedException">400: not an algorithm and its hash in base64.</exception>
    public static UploadChecksum? ReadChecksum(this HttpRequest request)
    {
        StringValues text = request.Headers[TusProtocol.ChecksumHeader];
        if (text.Count == 0)
        {
            return null;
        }

        string[] parts = text.ToString().Split(' ');
        (HashAlgorithmName algorithm, int bytes) = parts[0] switch
        {
            "sha1" => (HashAlgorithmName.SHA1, SHA1.HashSizeInBytes),
            "sha256" => (HashAlgorithmName.SHA256, SHA256.HashSizeInBytes),
            _ => throw Unreadable(text),
        };
        byte[]? expected = parts.Length == 2 && Base64.IsValid(parts[1]) ? Convert.FromBase64String(parts[1]) : null;
        return expected?.Length == bytes ? new UploadChecksum(algorithm, expected) : throw Unreadable(text);
    }

    private static RefusedException Unreadable(StringValues text) => RefusedException.BadRequest(
        $"{TusProtocol.ChecksumHeader} is «{LogText.Clean(text)}»; expected one of {Algorithms}, a space and the hash in base64.");
}
