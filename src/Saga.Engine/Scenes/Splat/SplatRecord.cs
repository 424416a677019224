using System.Buffers.Binary;

namespace Saga.Engine.Scenes.Splat;

/// <summary>
/// One Gaussian of a .splat file, 32 bytes without any header: mean 3 × float32, standard deviations 3 × float32, colour and opacity
/// 4 × uint8, quaternion w x y z 4 × uint8 as 128 + 128·q.
/// </summary>
/// <remarks>The format has no view-dependent colours, and no mark of its own: any file of whole records is one.</remarks>
internal static class SplatRecord
{
    public const int Bytes = 32;

    private const int Scales = 12;
    private const int Color = 24;
    private const int Rotation = 28;

    /// <summary>Reads a record.</summary>
    /// <param name="record">32 bytes.</param>
    /// <param name="values">Receives it as <see cref="GaussianValues"/> orders it, of degree 0.</param>
    public static void Read(ReadOnlySpan<byte> record, Span<float> values)
    {
        for (int axis = 0; axis < 3; axis++)
        {
            values[GaussianValues.Mean + axis] = BinaryPrimitives.ReadSingleLittleEndian(record[(4 * axis)..]);
            values[GaussianValues.Scale + axis] = MathF.Log(BinaryPrimitives.ReadSingleLittleEndian(record[(Scales + 4 * axis)..]));
            values[GaussianValues.Color + axis] = (record[Color + axis] / 255f - 0.5f) / GaussianValues.Sh0;
        }

        values[GaussianValues.Opacity] = GaussianValues.Logit(record[Color + 3] / 255f);
        for (int c = 0; c < 4; c++)
        {
            values[GaussianValues.Rotation + c] = (record[Rotation + c] - 128f) / 128f;
        }
    }

    /// <summary>Writes a record.</summary>
    /// <param name="scene">A scene with colours.</param>
    /// <param name="i">Engine index.</param>
    /// <param name="record">Receives 32 bytes.</param>
    public static void Write(GaussianScene scene, int i, Span<byte> record)
    {
        int colors = GaussianValues.ColorCount(scene.ShDegree);
        for (int axis = 0; axis < 3; axis++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(record[(4 * axis)..], scene.Means[3 * i + axis]);
            BinaryPrimitives.WriteSingleLittleEndian(record[(Scales + 4 * axis)..], MathF.Exp(scene.LogScales[3 * i + axis]));
            record[Color + axis] = ToByte(255f * (0.5f + GaussianValues.Sh0 * scene.ShCoefficients[colors * i + axis]));
        }

        record[Color + 3] = ToByte(255f * GaussianValues.Sigmoid(scene.OpacityLogits[i]));
        for (int c = 0; c < 4; c++)
        {
            record[Rotation + c] = ToByte(128f + 128f * scene.Rotations[4 * i + c]);
        }
    }

    private static byte ToByte(float value) => (byte)Math.Clamp(MathF.Round(value), 0f, 255f);
}
