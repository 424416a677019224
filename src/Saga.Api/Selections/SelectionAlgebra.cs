using Saga.Api.Hosting;
using Saga.Engine.Segmentation;

namespace Saga.Api.Selections;

/// <summary>Makes selections from what a client sends.</summary>
internal static class SelectionAlgebra
{
    /// <exception cref="RefusedException">An index is outside the scene.</exception>
    public static GaussianSelection FromIndices(IReadOnlyList<int> indices, int gaussianCount)
    {
        var bits = new byte[(gaussianCount + 7) / 8];
        foreach (int index in indices)
        {
            if (index < 0 || index >= gaussianCount)
            {
                throw MembersRequest.Invalid($"indices holds {index}; the scene has Gaussians 0 to {gaussianCount - 1}.");
            }

            bits[index >> 3] |= (byte)(1 << (index & 7));
        }

        return new GaussianSelection(bits, gaussianCount);
    }

    /// <exception cref="RefusedException">Not base64, or not the scene's length.</exception>
    public static GaussianSelection FromBitmask(string base64, int gaussianCount)
    {
        try
        {
            return new GaussianSelection(Convert.FromBase64String(base64), gaussianCount);
        }
        catch (FormatException)
        {
            throw MembersRequest.Invalid("bitmask is not base64.");
        }
        catch (ArgumentException error)
        {
            throw MembersRequest.Invalid($"bitmask: {error.Message.Split(" (Parameter")[0]}");
        }
    }

    /// <summary>Everything that is not selected.</summary>
    public static GaussianSelection Invert(GaussianSelection selection) =>
        Combine("invert", [selection.Bits], selection.GaussianCount);

    /// <summary>Combines masks of equal length.</summary>
    /// <param name="op">"union", "intersect", "subtract", or "invert" of exactly one.</param>
    /// <param name="masks">At least one.</param>
    /// <param name="gaussianCount">Records of the scene's file.</param>
    public static GaussianSelection Combine(string op, IReadOnlyList<ReadOnlyMemory<byte>> masks, int gaussianCount)
    {
        byte[] bits = masks[0].ToArray();
        foreach (ReadOnlyMemory<byte> mask in masks.Skip(1))
        {
            ReadOnlySpan<byte> other = mask.Span;
            for (int i = 0; i < bits.Length; i++)
            {
                bits[i] = op switch
                {
                    "union" => (byte)(bits[i] | other[i]),
                    "intersect" => (byte)(bits[i] & other[i]),
                    _ => (byte)(bits[i] & ~other[i]),
                };
            }
        }

        if (op == "invert")
        {
            for (int i = 0; i < bits.Length; i++)
            {
                bits[i] = (byte)~bits[i];
            }

            // The last byte's bits past the last Gaussian stay 0.
            if (gaussianCount % 8 != 0)
            {
                bits[^1] &= (byte)((1 << (gaussianCount % 8)) - 1);
            }
        }

        return new GaussianSelection(bits, gaussianCount);
    }
}
