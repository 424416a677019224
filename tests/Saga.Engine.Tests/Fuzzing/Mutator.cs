using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Saga.Engine.Tests.Fuzzing;

/// <summary>Damages files as transfer, disks and people with intentions do: bits, numbers that matter, lengths, pieces, two files in one.</summary>
/// <remarks>The same random numbers make the same file.</remarks>
internal sealed class Mutator(Random random)
{
    private const int MostMutations = 6;
    private const int LongestPiece = 4096;

    private static readonly long[] Numbers =
    [
        0, 1, -1, 2, 7, 8, 127, 128, 255, 256, 32767, 32768, 65535, 65536, int.MaxValue, int.MinValue, int.MaxValue - 1, 1L << 32, uint.MaxValue,
        long.MaxValue, long.MinValue, 0x7FC00000, 0x7F800000, 0x00000001, 100_000_000, 1L << 40,
    ];

    private static readonly string[] Words =
    [
        "-1", "0", "1", "99999999999999999999", "2147483647", "2147483648", "4294967296", "1e308", "1e999", "-0", "nan", "inf", "", " ", "null", "{}", "[]", "\"\"",
        "1.5", "0x10", "\0", "é", "../../x", "/etc/passwd", "\n", "true",
    ];

    /// <summary>A damaged copy of the file.</summary>
    /// <param name="file">It.</param>
    /// <param name="other">Another, of which pieces may come.</param>
    public byte[] Mutate(byte[] file, byte[] other)
    {
        byte[] result = file;
        for (int count = random.Next(1, MostMutations); count > 0; count--)
        {
            result = Once(result, other);
        }

        return result;
    }

    private byte[] Once(byte[] file, byte[] other)
    {
        if (file.Length == 0)
        {
            return other.Length == 0 ? [(byte)random.Next(256)] : other[..random.Next(other.Length)];
        }

        return random.Next(12) switch
        {
            0 => With(file, f => f[At(f)] ^= (byte)(1 << random.Next(8))),
            1 => With(file, f => f[At(f)] = (byte)random.Next(256)),
            2 or 3 => With(file, Number),
            4 => With(file, Nudge),
            5 => file[..At(file)],
            6 => [.. file, .. Piece(random.Next(2) == 0 ? file : other)],
            7 => Cut(file),
            8 => Insert(file, Piece(random.Next(2) == 0 ? file : other)),
            9 => With(file, f => Overwrite(f, Piece(other))),
            10 => Word(file),
            _ => [.. file[..At(file)], .. other.AsSpan(other.Length == 0 ? 0 : random.Next(other.Length))],
        };
    }

    private int At(byte[] file) => random.Next(4) == 0 ? random.Next(Math.Min(64, file.Length)) : random.Next(file.Length);

    private static byte[] With(byte[] file, Action<byte[]> change)
    {
        byte[] copy = [.. file];
        change(copy);
        return copy;
    }

    private void Number(byte[] file)
    {
        long number = Numbers[random.Next(Numbers.Length)];
        int size = 1 << random.Next(4);
        int at = At(file) / size * size;
        Span<byte> bytes = stackalloc byte[8];
        if (random.Next(4) == 0)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes, number << (64 - (8 * size)));
        }
        else
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        }

        bytes[..Math.Min(size, file.Length - at)].CopyTo(file.AsSpan(at));
    }

    /// <summary>Counts and lengths are most treacherous when they are nearly right.</summary>
    private void Nudge(byte[] file)
    {
        int at = At(file);
        file[at] = (byte)(file[at] + random.Next(-2, 3));
    }

    private void Overwrite(byte[] file, byte[] piece)
    {
        int at = At(file);
        piece.AsSpan(0, Math.Min(piece.Length, file.Length - at)).CopyTo(file.AsSpan(at));
    }

    private byte[] Piece(byte[] file)
    {
        if (file.Length == 0)
        {
            return [];
        }

        int start = random.Next(file.Length);
        return file[start..Math.Min(file.Length, start + random.Next(1, Math.Min(LongestPiece, file.Length) + 1))];
    }

    private byte[] Cut(byte[] file)
    {
        int start = At(file);
        int end = Math.Min(file.Length, start + random.Next(1, random.Next(2) == 0 ? 9 : LongestPiece));
        return [.. file[..start], .. file[end..]];
    }

    private byte[] Insert(byte[] file, byte[] piece)
    {
        int at = At(file);
        return [.. file[..at], .. piece, .. file[at..]];
    }

    /// <summary>Puts another number or word in the place of one; the first kilobytes are where headers are.</summary>
    private byte[] Word(byte[] file)
    {
        int at = At(file);
        int start = at;
        while (start > 0 && IsOfWord(file[start - 1]))
        {
            start--;
        }

        int end = at;
        while (end < file.Length && IsOfWord(file[end]))
        {
            end++;
        }

        string word = random.Next(3) == 0 ? random.NextInt64().ToString(CultureInfo.InvariantCulture) : Words[random.Next(Words.Length)];
        return [.. file[..start], .. Encoding.UTF8.GetBytes(word), .. file[end..]];
    }

    private static bool IsOfWord(byte value) => char.IsAsciiLetterOrDigit((char)value) || value is (byte)'.' or (byte)'-' or (byte)'+' or (byte)'_';
}
