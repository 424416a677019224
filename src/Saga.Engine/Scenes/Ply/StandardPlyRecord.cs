using System.Buffers.Binary;
using System.Text;

namespace Saga.Engine.Scenes.Ply;

/// <summary>
/// The record of the original 3DGS training, in little-endian floats: x y z, nx ny nz of 0, f_dc, f_rest, opacity, scale, rot, and where
/// asked for a label in 32 bits behind them.
/// </summary>
internal sealed class StandardPlyRecord
{
    private const int Color = 6;

    private readonly int _coefficients;
    private readonly int _floats;
    private readonly bool _hasLabel;

    public StandardPlyRecord(int shDegree, bool hasLabel)
    {
        _coefficients = (shDegree + 1) * (shDegree + 1);
        _floats = Color + 3 * _coefficients + 8;
        _hasLabel = hasLabel;
    }

    /// <summary>Bytes of a record.</summary>
    public int Bytes => sizeof(float) * _floats + (_hasLabel ? sizeof(uint) : 0);

    /// <summary>The header of a file of such records.</summary>
    public byte[] Header(int count)
    {
        var header = new StringBuilder($"ply\nformat binary_little_endian 1.0\nelement vertex {count}\n");
        string[] names =
        [
            "x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2",
            .. Enumerable.Range(0, 3 * (_coefficients - 1)).Select(i => $"f_rest_{i}"),
            "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
        ];
        foreach (string name in names)
        {
            header.Append("property float ").Append(name).Append('\n');
        }

        header.Append(_hasLabel ? $"property uint {GaussianPlySubset.LabelName}\n" : "");
        return Encoding.ASCII.GetBytes(header.Append("end_header\n").ToString());
    }

    /// <summary>Writes a record.</summary>
    /// <param name="values">As <see cref="GaussianValues"/> orders them.</param>
    /// <param name="label">Where records have one.</param>
    /// <param name="record">Receives <see cref="Bytes"/> bytes.</param>
    public void Write(ReadOnlySpan<float> values, uint label, Span<byte> record)
    {
        Put(record, 0, values.Slice(GaussianValues.Mean, 3));
        record.Slice(sizeof(float) * 3, sizeof(float) * 3).Clear();
        ReadOnlySpan<float> colors = values.Slice(GaussianValues.Color, 3 * _coefficients);
        for (int channel = 0; channel < 3; channel++)
        {
            Put(record, Color + channel, colors.Slice(channel, 1));
            for (int k = 1; k < _coefficients; k++)
            {
                // The file keeps one channel after the other.
                Put(record, Color + 3 + channel * (_coefficients - 1) + k - 1, colors.Slice(3 * k + channel, 1));
            }
        }

        Put(record, _floats - 8, values.Slice(GaussianValues.Opacity, 1));
        Put(record, _floats - 7, values.Slice(GaussianValues.Scale, 3));
        Put(record, _floats - 4, values.Slice(GaussianValues.Rotation, 4));
        if (_hasLabel)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(record[(sizeof(float) * _floats)..], label);
        }
    }

    private static void Put(Span<byte> record, int place, ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(record[(sizeof(float) * (place + i))..], values[i]);
        }
    }
}
