using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Saga.Engine.Segmentation;

namespace Saga.Api.Selections;

/// <summary>The indices of a selection, ascending; in JSON an array of numbers, written straight from the bit mask.</summary>
[JsonConverter(typeof(Converter))]
internal sealed record SelectionIndices(GaussianSelection Selection)
{
    private sealed class Converter : JsonConverter<SelectionIndices>
    {
        // Small against the 4 KB pieces that answers are sent in, so that little of each stays empty.
        private const int ChunkBytes = 1024;

        // «2147483647,»
        private const int MaxIndexBytes = 11;

        public override SelectionIndices Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Indices are only written.");

        /// <remarks>
        /// Some hundred numbers at a time: asked for each single one, the writer spends more time on its own checks than on digits.
        /// </remarks>
        public override void Write(Utf8JsonWriter writer, SelectionIndices value, JsonSerializerOptions options)
        {
            Span<byte> chunk = stackalloc byte[ChunkBytes];
            int length = 0;
            writer.WriteStartArray();
            ReadOnlySpan<byte> bits = value.Selection.Bits.Span;
            for (int start = 0; start < bits.Length; start += sizeof(ulong))
            {
                for (ulong rest = Word(bits[start..]); rest != 0; rest &= rest - 1)
                {
                    if (length > ChunkBytes - MaxIndexBytes)
                    {
                        Flush(writer, chunk[..length]);
                        length = 0;
                    }

                    Utf8Formatter.TryFormat(start * 8 + BitOperations.TrailingZeroCount(rest), chunk[length..], out int digits);
                    length += digits;
                    chunk[length++] = (byte)',';
                }
            }

            Flush(writer, chunk[..length]);
            writer.WriteEndArray();
        }

        /// <summary>Writes «1,2,3,» as one value; the writer itself puts a comma before the next, so the last one is left out.</summary>
        private static void Flush(Utf8JsonWriter writer, ReadOnlySpan<byte> numbers)
        {
            if (!numbers.IsEmpty)
            {
                writer.WriteRawValue(numbers[..^1], skipInputValidation: true);
            }
        }

        private static ulong Word(ReadOnlySpan<byte> bits)
        {
            if (bits.Length >= sizeof(ulong))
            {
                return BinaryPrimitives.ReadUInt64LittleEndian(bits);
            }

            ulong word = 0;
            for (int b = 0; b < bits.Length; b++)
            {
                word |= (ulong)bits[b] << (8 * b);
            }

            return word;
        }
    }
}
