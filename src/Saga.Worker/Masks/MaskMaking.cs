using System.Collections.Concurrent;
using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation;
using Saga.Engine.Masks.Generation.Sam;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Worker.Masks;

/// <summary>Makes the masks of a scene, view by view.</summary>
/// <remarks>
/// Per view: (1) look at its photo and at what was kept; (2) make the picture, of the photo or of the scene; (3) find the masks;
/// (4) keep them. Killed anywhere, at most the views under way are made again. A view's picture is let go before the next is made, and
/// masks are run-length coded throughout.
/// </remarks>
/// <param name="source">The generator.</param>
/// <param name="scene">Read with colours.</param>
/// <param name="views">Its views.</param>
/// <param name="photos">Its photos, or null.</param>
/// <param name="keep">Where masks are kept, for a generator's fingerprint.</param>
internal sealed class MaskMaking(
    MaskGeneratorSource source, GaussianScene scene, IReadOnlyList<SceneView> views, PhotoArchive? photos, Func<string, MadeMasks> keep)
{
    private readonly ViewMasks?[] _masks = new ViewMasks?[views.Count];
    private readonly string[] _keys = new string[views.Count];
    private readonly PhotoUse _photoUse = new();
    private int _done;
    private int _made;
    private string? _provider;

    /// <summary>Makes what is not there yet.</summary>
    /// <param name="progress">Receives the number of views that are done and of those among them that were made now; from several threads.</param>
    /// <param name="maxThreads">Threads of the whole; 0 for all.</param>
    /// <param name="cancellationToken">Stops within a second.</param>
    public async Task<MadeMaskSet> RunAsync(Action<int, int> progress, int maxThreads, CancellationToken cancellationToken)
    {
        int threads = maxThreads > 0 ? maxThreads : Environment.ProcessorCount;
        var pictures = new ViewPictures(new CpuRasterizer(scene, threads));
        var idle = new ConcurrentBag<IMaskGenerator>();
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Clamp(source.Parallelism, 1, threads),
            CancellationToken = cancellationToken,
        };
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, views.Count), parallel, async (view, token) =>
            {
                IMaskGenerator generator = idle.TryTake(out IMaskGenerator? free) ? free : source.Open(token);
                try
                {
                    _provider ??= (generator as SamMaskGenerator)?.Provider;
                    await MakeAsync(view, generator, keep(generator.Fingerprint), pictures, token);
                    progress(Interlocked.Increment(ref _done), Volatile.Read(ref _made));
                }
                finally
                {
                    idle.Add(generator);
                }
            });
        }
        finally
        {
            foreach (IMaskGenerator generator in idle)
            {
                generator.Dispose();
            }
        }

        return new MadeMaskSet([.. _masks.Select(masks => masks!)], _keys, _made, _photoUse, _provider);
    }

    private async Task MakeAsync(int index, IMaskGenerator generator, MadeMasks kept, ViewPictures pictures, CancellationToken cancellationToken)
    {
        // (1)
        SceneView view = views[index];
        byte[]? photo = UsablePhoto(view);
        string key = _keys[index] = kept.KeyOf(view, photo);
        if (await kept.FindAsync(key, view, cancellationToken) is { } found)
        {
            _masks[index] = found;
            return;
        }

        // (2)
        ViewPicture picture = Picture(view, photo, pictures, generator.UsefulSide, cancellationToken);

        // (3)
        IReadOnlyList<BinaryMask> masks = generator.Generate(picture, cancellationToken);

        // (4)
        await kept.KeepAsync(key, masks, cancellationToken);
        _masks[index] = await kept.FindAsync(key, view, cancellationToken)
            ?? throw new IOException($"The masks of view {view.Name} were written and cannot be read again.");
        Interlocked.Increment(ref _made);
    }

    /// <summary>The file of a view's photo; null where there is none that fits the view.</summary>
    private byte[]? UsablePhoto(SceneView view)
    {
        if (photos?.Has(view) != true)
        {
            _photoUse.NoteMissing(view.Name);
            return null;
        }

        try
        {
            byte[] photo = photos.Read(view);
            ViewPhoto.CheckShape(ImageFile.Inspect(photo), view);
            _photoUse.NoteUsed(view.Name);
            return photo;
        }
        catch (Exception error) when (error is InvalidImageException or InvalidArchiveException)
        {
            _photoUse.NoteUnusable(view.Name, error.Message);
            return null;
        }
    }

    private ViewPicture Picture(SceneView view, byte[]? photo, ViewPictures pictures, int usefulSide, CancellationToken cancellationToken)
    {
        try
        {
            if (photo is not null)
            {
                return pictures.OfPhoto(view, photo, usefulSide, cancellationToken);
            }
        }
        catch (InvalidImageException error)
        {
            _photoUse.NoteUnusable(view.Name, error.Message);
        }

        return pictures.OfScene(view, usefulSide, cancellationToken);
    }
}

/// <summary>The masks of all views.</summary>
/// <param name="Views">One per view, in their order.</param>
/// <param name="Keys">Where each view's masks are kept.</param>
/// <param name="MadeCount">Views whose masks were made now; those of the others were there.</param>
/// <param name="Photos">What became of the photos.</param>
/// <param name="Provider">What SAM ran on; null for the built-in generator.</param>
internal sealed record MadeMaskSet(
    IReadOnlyList<ViewMasks> Views, IReadOnlyList<string> Keys, int MadeCount, PhotoUse Photos, string? Provider);
