using Saga.Api.Hosting;

namespace Saga.Api.Scenes;

/// <summary>Tells file formats apart by their first bytes and, where those say nothing, by name.</summary>
internal static class FileSignature
{
    private const int Length = 4;

    private static readonly string[] OtherSplatExtensions = [".splat", ".ksplat", ".spz", ".sog", ".sogs", ".compressed.ply", ".lcc", ".zip"];

    public static bool IsZip(string path) => Read(path).AsSpan().StartsWith("PK"u8);

    /// <exception cref="RefusedException">422 <c>unsupported-format</c> for splats that are not a plain PLY.</exception>
    public static void RefuseOtherSplatFormats(StagedAsset staged)
    {
        byte[] start = Read(staged.File.Path);
        string? extension = OtherSplatExtensions.FirstOrDefault(
            extension => staged.FileName.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
        bool isPly = start.AsSpan().StartsWith("ply"u8);
        string? found = isPly && extension != ".compressed.ply" ? null
            : extension is not null ? $"a {extension} file"
            : start.AsSpan().StartsWith("PK"u8) ? "a zip (such as .sog)"
            : start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? "a gzip file (such as .spz)"
            : null;
        if (found is not null)
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.UnsupportedFormat,
                $"{staged.FileName} is {found}; this service reads Gaussians from .ply with the properties of 3D Gaussian splatting. Export the scene as such a .ply.");
        }
    }

    private static byte[] Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        var start = new byte[Length];
        file.ReadAtLeast(start, Length, throwOnEndOfStream: false);
        return start;
    }
}
