using System.Runtime.InteropServices;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Selections;

/// <summary>Moves selections between the order of the uploaded file and the engine's, where neighbours share cache lines.</summary>
internal static class EngineOrder
{
    /// <summary>The usable Gaussians of a selection.</summary>
    /// <returns>One bit per Gaussian, engine order, 16 to an element; bits past the last Gaussian are 0.</returns>
    public static ushort[] Of(GaussianSelection selection, GaussianScene scene)
    {
        var bits = new ushort[(scene.Count + 15) / 16];
        ReadOnlySpan<byte> records = selection.Bits.Span;
        for (int i = 0; i < scene.Count; i++)
        {
            int record = scene.FileIndices[i];
            bits[i >> 4] |= (ushort)((records[record >> 3] >> (record & 7) & 1) << (i & 15));
        }

        return bits;
    }

    /// <summary>Back to file order.</summary>
    /// <param name="bits">Engine order.</param>
    /// <param name="scene">The scene.</param>
    /// <param name="leftOut">Where to take the records from that are not usable; null for none of them.</param>
    public static GaussianSelection ToFile(ReadOnlySpan<ushort> bits, GaussianScene scene, GaussianSelection? leftOut)
    {
        byte[] records = new byte[(scene.FileGaussianCount + 7) / 8];
        if (leftOut is not null && scene.Count < scene.FileGaussianCount)
        {
            leftOut.Bits.Span.CopyTo(records);
            foreach (int record in scene.FileIndices)
            {
                records[record >> 3] &= (byte)~(1 << (record & 7));
            }
        }

        FileOrderScatter.Move(bits, 0, scene.FileIndices, records);
        return new GaussianSelection(records, scene.FileGaussianCount);
    }

    /// <summary>Selects what was not, and the other way round.</summary>
    public static void Invert(Span<ushort> bits, int count)
    {
        foreach (ref ushort block in bits)
        {
            block = (ushort)~block;
        }

        if (count % 16 != 0)
        {
            bits[^1] &= (ushort)((1 << (count % 16)) - 1);
        }
    }

    /// <summary>How many are selected.</summary>
    public static int Count(ReadOnlySpan<ushort> bits)
    {
        int count = 0;
        foreach (byte b in MemoryMarshal.AsBytes(bits))
        {
            count += int.PopCount(b);
        }

        return count;
    }
}
