using System.Security.Cryptography;
using System.Text;
using Saga.Engine.Cameras;
using Saga.Engine.Cameras.Lenses;
using Saga.Engine.Masks;
using Saga.Persistence.Files;
using Saga.Persistence.Scenes;

namespace Saga.Worker.Masks;

/// <summary>The masks that one generator made of a scene, in the file store: one file of SAM's JSON per view.</summary>
/// <remarks>
/// A file's name is a hash of all that decides its content, the Gaussians, the camera, the photo and the generator. So a view is
/// done when its file is there, whoever made it: an attempt that was killed, or an earlier training of the scene.
/// </remarks>
/// <param name="files">The store.</param>
/// <param name="sceneId">The scene.</param>
/// <param name="gaussiansSha256">Hash of its Gaussian file.</param>
/// <param name="fingerprint">The generator's.</param>
internal sealed class MadeMasks(FileStore files, Guid sceneId, string gaussiansSha256, string fingerprint)
{
    /// <summary>Raised whenever the same inputs give other pictures than before: another way to draw or to straighten.</summary>
    private const int PictureVersion = 1;

    private const int GeneratorMarkLength = 16;
    private const int ViewMarkLength = 40;

    private readonly string _folder = GeneratedFiles.MaskFolderOf(sceneId, gaussiansSha256);
    private readonly string _generator = Hash($"{PictureVersion}|{fingerprint}")[..GeneratorMarkLength];

    /// <summary>The key under which a view's masks are kept.</summary>
    /// <param name="view">The view; its name does not count.</param>
    /// <param name="photo">The file of its photo; null where the scene is drawn instead.</param>
    public string KeyOf(SceneView view, byte[]? photo)
    {
        PinholeCamera camera = view.Camera;
        CameraLens? lens = view.Lens;
        string picture = photo is null ? "drawn" : Convert.ToHexStringLower(SHA256.HashData(photo));

        string mark = Hash(FormattableString.Invariant(
            $"{gaussiansSha256}|{camera.Width}|{camera.Height}|{camera.Fx:R}|{camera.Fy:R}|{camera.Cx:R}|{camera.Cy:R}|")
            + string.Join('|', camera.Pose.ToRowMajor().Select(number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))
            + $"|{(lens is null ? "" : Numbers(lens))}|{picture}");
        return $"{_folder}/{_generator}-{mark[..ViewMarkLength]}.json";
    }

    /// <summary>Reads a view's masks, or null where they are still to be made; a damaged file counts as none and is removed.</summary>
    public async Task<ViewMasks?> FindAsync(string key, SceneView view, CancellationToken cancellationToken)
    {
        try
        {
            using LocalFile file = await files.OpenAsync(key, cancellationToken);
            using FileStream stream = File.OpenRead(file.Path);
            return SamJson.Read(stream, view, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is InvalidMaskException or DamagedFileException)
        {
            await files.DeleteAsync(key, cancellationToken);
            return null;
        }
    }

    /// <summary>Keeps a view's masks; whole or not at all, whenever the process ends.</summary>
    public async Task KeepAsync(string key, IReadOnlyList<BinaryMask> masks, CancellationToken cancellationToken)
    {
        await using PendingFile pending = await files.StageAsync(
            (stream, _) =>
            {
                using var buffer = new MemoryStream();
                SamJson.Write(buffer, masks);
                stream.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
                return Task.CompletedTask;
            },
            cancellationToken);
        try
        {
            await pending.CommitAsync(key, cancellationToken);
        }
        catch (IOException error) when (error is not StoreUnavailableException)
        {
            // Two views alike, or a worker that lost its lease and does not know yet: the content is the same.
            if (!await files.ExistsAsync(key, cancellationToken))
            {
                throw;
            }
        }
    }

    /// <summary>Removes what this generator made for cameras and photos that the scene no longer has.</summary>
    public async Task RemoveAllButAsync(IReadOnlyCollection<string> used, CancellationToken cancellationToken)
    {
        string own = $"{_folder}/{_generator}-";
        var keep = new HashSet<string>(used, StringComparer.Ordinal);
        foreach (string key in await files.ListAsync(_folder, cancellationToken))
        {
            if (key.StartsWith(own, StringComparison.Ordinal) && !keep.Contains(key))
            {
                await files.DeleteAsync(key, cancellationToken);
            }
        }
    }

    private static string Numbers(CameraLens lens)
    {
        LensDistortion d = lens.Distortion;
        return FormattableString.Invariant($"{lens.Width}|{lens.Height}|{lens.Fx:R}|{lens.Fy:R}|{lens.Cx:R}|{lens.Cy:R}|{d.Model}|")
            + FormattableString.Invariant($"{d.K1:R}|{d.K2:R}|{d.K3:R}|{d.K4:R}|{d.K5:R}|{d.K6:R}|{d.P1:R}|{d.P2:R}");
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
