namespace Saga.Engine.Images;

/// <summary>The image formats that are read.</summary>
public enum ImageFormat
{
    /// <summary>JPEG.</summary>
    Jpeg,

    /// <summary>PNG.</summary>
    Png,

    /// <summary>WebP.</summary>
    WebP,
}

/// <summary>What an image file's header says.</summary>
/// <param name="Format">The format, by content, whatever the file's name.</param>
/// <param name="Width">Pixels across, as shown: after the camera's orientation tag is applied.</param>
/// <param name="Height">Pixels down, as shown.</param>
public readonly record struct ImageInfo(ImageFormat Format, int Width, int Height);
