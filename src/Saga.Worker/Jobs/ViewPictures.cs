using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Worker.Jobs;

/// <summary>The photos of a scene's views, one at a time, straightened; where there is none, the scene's own rendering.</summary>
internal sealed class ViewPictures : IDisposable
{
    private static readonly ZipLimits Limits = new(MaxEntryBytes: 256L << 20, MaxTotalBytes: 64L << 30);

    private readonly GaussianScene _scene;
    private readonly SafeZip? _zip;
    private readonly Dictionary<string, SafeZipEntry> _entries = new(StringComparer.Ordinal);
    private CpuRasterizer? _rasterizer;

    /// <param name="scene">The Gaussians, with colours.</param>
    /// <param name="photosPath">The zip of photos, or null.</param>
    public ViewPictures(GaussianScene scene, string? photosPath)
    {
        _scene = scene;
        if (photosPath is null)
        {
            return;
        }

        _zip = SafeZip.Open(File.OpenRead(photosPath), Limits);
        foreach (SafeZipEntry entry in _zip.Entries)
        {
            _entries.TryAdd(Path.GetFileNameWithoutExtension(entry.FileName), entry);
        }
    }

    /// <summary>What a view shows.</summary>
    /// <param name="view">The view.</param>
    /// <param name="maxSide">Longest side, pixels.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public RgbImage Of(SceneView view, int maxSide, CancellationToken cancellationToken)
    {
        if (_entries.TryGetValue(view.Name, out SafeZipEntry? entry))
        {
            try
            {
                return ViewPhoto.Decode(entry.ReadAllBytes(), view, maxSide);
            }
            catch (Exception error) when (error is InvalidImageException or InvalidArchiveException)
            {
                // A photo that does not fit its view says nothing of the view's masks.
            }
        }

        _rasterizer ??= new CpuRasterizer(_scene);
        PinholeCamera camera = ViewPhoto.CameraOf(view, Math.Min(maxSide, Math.Max(view.Camera.Width, view.Camera.Height)));
        return ColorMaps.Color(_rasterizer.Render(camera, new RenderOptions { Color = true }, cancellationToken));
    }

    public void Dispose() => _zip?.Dispose();
}
