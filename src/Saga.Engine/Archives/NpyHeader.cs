using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Saga.Engine.Archives;

/// <summary>
/// The header of a NumPy <c>.npy</c> file, format versions 1 to 3. Its Python dictionary is read by a parser that knows
/// nothing but the three fields.
/// </summary>
/// <param name="ElementType">The <c>descr</c>, e.g. <c>|b1</c>, <c>|u1</c>, <c>&lt;f4</c>.</param>
/// <param name="IsColumnMajor">True for Fortran order: the first index runs fastest.</param>
/// <param name="Shape">Size of each dimension, none negative.</param>
public sealed record NpyHeader(string ElementType, bool IsColumnMajor, IReadOnlyList<long> Shape)
{
    private const int MaxHeaderBytes = 1 << 16;
    private const int MaxDimensions = 32;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the header and leaves the stream at the first element.</summary>
    /// <exception cref="InvalidArchiveException">Not an npy file, or a header that cannot be read.</exception>
    public static NpyHeader Read(Stream stream)
    {
        Span<byte> start = stackalloc byte[8];
        ReadExactly(stream, start);
        if (!start.StartsWith(Magic))
        {
            throw new InvalidArchiveException("The file does not begin with NumPy's signature; a .npy file written by numpy.save was expected.");
        }

        int version = start[6];
        if (version is < 1 or > 3)
        {
            throw new InvalidArchiveException($"The .npy format version is {version}; 1 to 3 are known.");
        }

        Span<byte> lengthBytes = stackalloc byte[4];
        lengthBytes.Clear();
        ReadExactly(stream, lengthBytes[..(version == 1 ? 2 : 4)]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > MaxHeaderBytes)
        {
            throw new InvalidArchiveException($"The .npy header claims {length} bytes; at most {MaxHeaderBytes} are accepted.");
        }

        byte[] text = new byte[length];
        ReadExactly(stream, text);
        return new Parser(Encoding.Latin1.GetString(text)).Parse();
    }

    private static void ReadExactly(Stream stream, Span<byte> target)
    {
        if (stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) < target.Length)
        {
            throw new InvalidArchiveException("The .npy file ends within its header.");
        }
    }

    // header := '{' (string ':' value ','?)* '}'; value := string | True | False | '(' (integer ','?)* ')'
    private sealed class Parser(string text)
    {
        private int _position;

        public NpyHeader Parse()
        {
            string? elementType = null;
            bool? columnMajor = null;
            List<long>? shape = null;
            Expect('{');
            while (Peek() != '}')
            {
                string key = ReadString();
                Expect(':');
                switch (key)
                {
                    case "descr":
                        elementType = ReadString();
                        break;
                    case "fortran_order":
                        columnMajor = ReadBoolean();
                        break;
                    case "shape":
                        shape = ReadShape();
                        break;
                    default:
                        throw Error($"the field '{key}' is not known");
                }

                if (Peek() != '}')
                {
                    Expect(',');
                }
            }

            return elementType is not null && columnMajor is not null && shape is not null
                ? new NpyHeader(elementType, columnMajor.Value, shape)
                : throw Error("descr, fortran_order or shape is missing");
        }

        private char Peek()
        {
            while (_position < text.Length && text[_position] is ' ' or '\n' or '\t' or '\r')
            {
                _position++;
            }

            return _position < text.Length ? text[_position] : throw Error("it ends early");
        }

        private void Expect(char expected)
        {
            char found = Peek();
            if (found != expected)
            {
                throw Error($"'{found}' stands where '{expected}' was expected");
            }

            _position++;
        }

        private string ReadString()
        {
            char quote = Peek();
            int end = quote is '\'' or '"' ? text.IndexOf(quote, _position + 1) : -1;
            if (end < 0)
            {
                throw Error("a quoted text was expected (arrays of records are not masks)");
            }

            string value = text[(_position + 1)..end];
            _position = end + 1;
            return value;
        }

        private bool ReadBoolean()
        {
            Peek();
            foreach ((string word, bool value) in new[] { ("True", true), ("False", false) })
            {
                if (text.AsSpan(_position).StartsWith(word, StringComparison.Ordinal))
                {
                    _position += word.Length;
                    return value;
                }
            }

            throw Error("True or False was expected");
        }

        private List<long> ReadShape()
        {
            var shape = new List<long>();
            Expect('(');
            while (Peek() != ')')
            {
                int end = _position;
                while (end < text.Length && char.IsAsciiDigit(text[end]))
                {
                    end++;
                }

                if (!long.TryParse(text.AsSpan(_position, end - _position), NumberStyles.None, CultureInfo.InvariantCulture, out long size)
                    || shape.Count == MaxDimensions)
                {
                    throw Error("the shape is not a list of sizes");
                }

                shape.Add(size);
                _position = end;
                if (Peek() != ')')
                {
                    Expect(',');
                }
            }

            _position++;
            return shape;
        }

        private InvalidArchiveException Error(string what) => new($"The .npy header cannot be read at character {_position}: {what}.");
    }
}
