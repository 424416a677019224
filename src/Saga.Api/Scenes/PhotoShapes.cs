using Saga.Engine.Cameras;
using Saga.Engine.Images;

namespace Saga.Api.Scenes;

/// <summary>Whether photos have the proportions of their cameras.</summary>
internal static class PhotoShapes
{
    /// <summary>The views whose photo has other proportions than its camera, sorted by name. Reads headers alone.</summary>
    /// <param name="path">A zip of photos that was checked.</param>
    public static IReadOnlyList<string> Misfits(string path, IReadOnlyList<SceneView> views, CancellationToken cancellationToken)
    {
        using PhotoArchive photos = PhotoArchive.Open(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var misfits = new List<string>();
        foreach (SceneView view in views.Where(photos.Has))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                ViewPhoto.CheckShape(ImageFile.Inspect(photos.Read(view)), view);
            }
            catch (InvalidImageException)
            {
                misfits.Add(view.Name);
            }
        }

        return misfits;
    }
}
