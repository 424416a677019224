namespace Saga.Engine.Scenes;

/// <summary>The formats of Gaussian scenes that are read.</summary>
public enum GaussianFileFormat
{
    /// <summary>PLY with the properties of 3D Gaussian splatting, .ply.</summary>
    Ply,

    /// <summary>PlayCanvas' packed PLY, .compressed.ply.</summary>
    CompressedPly,

    /// <summary>32 bytes a Gaussian, .splat.</summary>
    Splat,

    /// <summary>Niantic's compressed format, .spz, versions 2 to 4.</summary>
    Spz,

    /// <summary>PlayCanvas' spatially ordered Gaussians, .sog, version 2, as one zip.</summary>
    Sog,
}
