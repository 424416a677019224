using Saga.Engine.Cameras;
using Saga.Engine.Masks;

namespace Saga.Api.Scenes;

/// <summary>How many masks a zip holds, in all and per view.</summary>
/// <param name="Total">Masks with a pixel set.</param>
/// <param name="PerView">In the views' order; empty when the views are not known.</param>
internal sealed record MaskCounts(int Total, IReadOnlyList<int> PerView)
{
    public static MaskCounts None { get; } = new(0, []);

    public int Of(int view) => view < PerView.Count ? PerView[view] : 0;

    /// <summary>Reads every mask of a zip, one view in memory at a time.</summary>
    /// <param name="views">The scene's views; empty when they are not known yet.</param>
    /// <exception cref="InvalidMaskException">A file is damaged or fits no view.</exception>
    /// <exception cref="Engine.Archives.InvalidArchiveException">The zip is damaged, unsafe or too large.</exception>
    public static MaskCounts Read(string path, IReadOnlyList<SceneView> views, CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(path);
        if (views.Count == 0)
        {
            return new MaskCounts(MaskArchive.Inspect(file, cancellationToken: cancellationToken).MaskCount, []);
        }

        using MaskArchive archive = MaskArchive.Open(file, views);
        var perView = new int[views.Count];
        for (int view = 0; view < perView.Length; view++)
        {
            perView[view] = archive.ReadView(view, cancellationToken).Masks.Count;
        }

        int total = perView.Sum();
        return total > 0 ? new MaskCounts(total, perView) : throw new InvalidMaskException("The mask files hold no mask with a pixel set.");
    }
}
