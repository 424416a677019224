namespace Saga.Engine.Scenes.Spz;

/// <summary>The unpacked bytes of an .spz file, one array per attribute, Gaussian by Gaussian.</summary>
internal sealed class SpzPlanes
{
    /// <summary>x y z, signed 24-bit fixed point, little-endian, [count, 9].</summary>
    public required byte[] Means { get; init; }

    /// <summary>Opacity · 255, [count].</summary>
    public required byte[] Opacities { get; init; }

    /// <summary>255·(0.5 + 0.15·f_dc), [count, 3].</summary>
    public required byte[] Colors { get; init; }

    /// <summary>16·(log-scale + 10), [count, 3].</summary>
    public required byte[] Scales { get; init; }

    /// <summary>Version 2: x y z of the quaternion, [count, 3]; later: its smallest three in 32 bits, [count, 4].</summary>
    public required byte[] Rotations { get; init; }

    /// <summary>128 + 128·f_rest, coefficient-major with rgb innermost, [count, 3·((degree+1)²−1)]; empty at degree 0.</summary>
    public required byte[] Harmonics { get; init; }

    /// <summary>Reads them from where they stand one after another, or from streams of their own.</summary>
    /// <param name="header">Says how long they are.</param>
    /// <param name="read">Reads exactly so many bytes of the next attribute.</param>
    public static SpzPlanes Read(SpzHeader header, Func<long, byte[]> read) => new()
    {
        Means = read(9L * header.Count),
        Opacities = read(header.Count),
        Colors = read(3L * header.Count),
        Scales = read(3L * header.Count),
        Rotations = read((long)header.RotationBytes * header.Count),
        Harmonics = header.ShDegree > 0 ? read((long)header.HarmonicsBytes * header.Count) : [],
    };
}
