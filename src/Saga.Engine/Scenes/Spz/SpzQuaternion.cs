using System.Buffers.Binary;

namespace Saga.Engine.Scenes.Spz;

/// <summary>Rotations as .spz files store them. The engine's order is w x y z, the format's x y z w.</summary>
/// <remarks>
/// Version 2: bytes 127.5·(1 + q) of x, y and z; w ≥ 0 follows from the length. From version 3 on 32 bits: the highest two say which of
/// x y z w is greatest and left out; the others follow in that order, each a sign and 9 bits of |q|·√2·511.
/// </remarks>
internal static class SpzQuaternion
{
    private const int MagnitudeBits = 9;
    private const uint MaxMagnitude = (1 << MagnitudeBits) - 1;
    private const float SqrtHalf = 0.70710678118654752f;

    /// <summary>Reads a rotation.</summary>
    /// <param name="stored">3 or 4 bytes.</param>
    /// <param name="rotation">Receives w x y z, unit length but for rounding.</param>
    public static void Unpack(ReadOnlySpan<byte> stored, Span<float> rotation)
    {
        Span<float> xyzw = stackalloc float[4];
        if (stored.Length == 3)
        {
            for (int c = 0; c < 3; c++)
            {
                xyzw[c] = stored[c] / 127.5f - 1f;
            }

            Complete(xyzw, 3);
        }
        else
        {
            uint packed = BinaryPrimitives.ReadUInt32LittleEndian(stored);
            int greatest = (int)(packed >> 30);
            for (int c = 3; c >= 0; c--)
            {
                if (c != greatest)
                {
                    float magnitude = SqrtHalf * (packed & MaxMagnitude) / MaxMagnitude;
                    xyzw[c] = (packed >> MagnitudeBits & 1) != 0 ? -magnitude : magnitude;
                    packed >>= MagnitudeBits + 1;
                }
            }

            Complete(xyzw, greatest);
        }

        (rotation[0], rotation[1], rotation[2], rotation[3]) = (xyzw[3], xyzw[0], xyzw[1], xyzw[2]);
    }

    /// <summary>Stores a rotation.</summary>
    /// <param name="rotation">w x y z, unit length.</param>
    /// <param name="stored">Receives it, 3 or 4 bytes.</param>
    public static void Pack(ReadOnlySpan<float> rotation, Span<byte> stored)
    {
        ReadOnlySpan<float> xyzw = [rotation[1], rotation[2], rotation[3], rotation[0]];
        int greatest = 3;
        if (stored.Length == 4)
        {
            for (int c = 2; c >= 0; c--)
            {
                greatest = MathF.Abs(xyzw[c]) > MathF.Abs(xyzw[greatest]) ? c : greatest;
            }
        }

        // q and −q are the same rotation: the one whose left-out number is positive is stored.
        float sign = xyzw[greatest] < 0 ? -1f : 1f;
        if (stored.Length == 3)
        {
            for (int c = 0; c < 3; c++)
            {
                stored[c] = SpzColors.ToByte(127.5f * (1f + sign * xyzw[c]));
            }

            return;
        }

        uint packed = (uint)greatest;
        for (int c = 0; c < 4; c++)
        {
            if (c != greatest)
            {
                float value = sign * xyzw[c];
                uint magnitude = Math.Min(MaxMagnitude, (uint)MathF.Round(MathF.Abs(value) / SqrtHalf * MaxMagnitude));
                packed = packed << 1 | (value < 0 ? 1u : 0u);
                packed = packed << MagnitudeBits | magnitude;
            }
        }

        BinaryPrimitives.WriteUInt32LittleEndian(stored, packed);
    }

    private static void Complete(Span<float> xyzw, int missing)
    {
        float squares = 0;
        foreach (float value in xyzw)
        {
            squares += value * value;
        }

        xyzw[missing] = MathF.Sqrt(MathF.Max(0f, 1f - squares));
    }
}
