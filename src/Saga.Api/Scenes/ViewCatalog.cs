using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Persistence.Files;

namespace Saga.Api.Scenes;

/// <summary>A view and what was uploaded for it.</summary>
internal sealed record ViewEntry(int Index, SceneView View, bool HasImage, int MaskCount);

/// <summary>
/// What the camera, mask and photo files of scenes hold, read once per file and kept while there is room: files never change, so
/// nothing here grows stale.
/// </summary>
internal sealed class ViewCatalog(FileStore store)
{
    /// <summary>Some hundred scenes of some hundred views.</summary>
    private const long MaxBytes = 64L << 20;

    private readonly ResidentCache<string, object> _files = new(MaxBytes);

    public async Task<IReadOnlyList<ViewEntry>> ReadAsync(SceneSnapshot scene, CancellationToken cancellationToken)
    {
        IReadOnlyList<SceneView> views = await CamerasAsync(scene.Cameras, cancellationToken);
        MaskCounts masks = await MasksAsync(scene, views, cancellationToken);
        PhotoIndex photos = await PhotosAsync(scene.Images, cancellationToken);
        return [.. views.Select((view, index) => new ViewEntry(index, view, photos.Has(view), masks.Of(index)))];
    }

    /// <exception cref="RefusedException">404 <c>view-not-found</c>.</exception>
    public async Task<SceneView> RequireViewAsync(SceneSnapshot scene, int index, CancellationToken cancellationToken)
    {
        IReadOnlyList<SceneView> views = await CamerasAsync(scene.Cameras, cancellationToken);
        return index >= 0 && index < views.Count ? views[index] : throw RefusedException.NotFound(
            ProblemCodes.ViewNotFound,
            views.Count == 0
                ? $"There is no view {index}: the scene has no cameras. Upload them, or give a camera in the request."
                : $"There is no view {index}; the scene has views 0 to {views.Count - 1}.");
    }

    public async Task<IReadOnlyList<SceneView>> CamerasAsync(SceneFile? file, CancellationToken cancellationToken) =>
        file is null ? [] : await ReadAsync(
            file.Key,
            file.Key,
            path =>
            {
                IReadOnlyList<SceneView> views = CameraFile.Read(path, file.FileName);
                return (views, 300L * views.Count);
            },
            cancellationToken);

    /// <summary>Masks per view; none when they do not fit the views, which the scene's problems then say.</summary>
    private async Task<MaskCounts> MasksAsync(SceneSnapshot scene, IReadOnlyList<SceneView> views, CancellationToken cancellationToken) =>
        scene.Masks is not { } file ? MaskCounts.None : await ReadAsync(
            $"{file.Key} {scene.Cameras?.Key}",
            file.Key,
            path =>
            {
                MaskCounts counts;
                try
                {
                    counts = MaskCounts.Read(path, views, CancellationToken.None);
                }
                catch (InvalidMaskException)
                {
                    counts = MaskCounts.None;
                }

                return (counts, 100 + sizeof(int) * counts.PerView.Count);
            },
            cancellationToken);

    public async Task<PhotoIndex> PhotosAsync(SceneFile? file, CancellationToken cancellationToken) =>
        file is null ? PhotoIndex.None : await ReadAsync(
            file.Key,
            file.Key,
            path =>
            {
                PhotoIndex index = PhotoIndex.List(path);
                return (index, 100L * index.Names.Count);
            },
            cancellationToken);

    /// <param name="name">What is remembered.</param>
    /// <param name="key">The file it is read from.</param>
    /// <param name="read">Reads it from a path.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    private async Task<T> ReadAsync<T>(
        string name, string key, Func<string, (T Value, long Bytes)> read, CancellationToken cancellationToken)
        where T : class
    {
        using ResidentCache<string, object>.Lease lease = await _files.AcquireAsync(
            name,
            0,
            async () =>
            {
                using LocalFile file = await store.OpenAsync(key, CancellationToken.None);
                return read(file.Path);
            },
            cancellationToken);
        return (T)lease.Value;
    }
}
