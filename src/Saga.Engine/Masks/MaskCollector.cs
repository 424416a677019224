using Saga.Engine.Cameras;

namespace Saga.Engine.Masks;

/// <summary>Receives the masks of one view from its files, at the view's resolution, and enforces the limits.</summary>
/// <param name="options">Limits.</param>
/// <param name="view">The view, whose photo the masks are of: where that is distorted they are straightened as it is. Null counts and keeps none.</param>
internal sealed class MaskCollector(MaskReadOptions options, SceneView? view)
{
    // Resizing rounds a side by a pixel; a picture that was cut or turned is off by far more.
    private const double MaxAspectError = 0.03;
    private const int RoundingPixels = 1;

    private MaskStraightening? _straightening;

    /// <summary>The masks at the view's resolution; empty without a camera.</summary>
    public List<BinaryMask> Masks { get; } = [];

    /// <summary>Masks kept, or counted.</summary>
    public int Count { get; private set; }

    /// <summary>Masks left out because no pixel of them is set.</summary>
    public int EmptyCount { get; private set; }

    /// <summary>Runs of all masks kept or counted.</summary>
    public long RunCount { get; private set; }

    /// <summary>Refuses a file that announces more masks than a view may have.</summary>
    public void CheckCount(long announced)
    {
        if (announced + Count + EmptyCount > options.MaxMasksPerView)
        {
            throw new InvalidMaskException(
                $"The view has {announced + Count + EmptyCount} masks or more; at most {options.MaxMasksPerView} are accepted.");
        }
    }

    /// <summary>Takes a mask.</summary>
    public void Add(BinaryMask mask)
    {
        CheckCount(1);
        if (view is not null)
        {
            CheckAspect(mask, view.Camera);
            mask = AtViewsResolution(mask, view);
        }

        if (mask.Area == 0)
        {
            EmptyCount++;
            return;
        }

        RunCount += mask.RunEnds.Length;
        if (RunCount > options.MaxRunsPerView)
        {
            throw new InvalidMaskException(
                $"The masks of the view have more than {options.MaxRunsPerView} runs; are they noise? Fewer or smoother masks are needed.");
        }

        Count++;
        if (view is not null)
        {
            Masks.Add(mask);
        }
    }

    private BinaryMask AtViewsResolution(BinaryMask mask, SceneView view)
    {
        if (view.Lens is null)
        {
            return mask.ResizedTo(view.Camera.Width, view.Camera.Height);
        }

        // All masks of a photo usually have one size.
        if (_straightening is null || !_straightening.IsFor(mask))
        {
            _straightening = new MaskStraightening(view, mask.Width, mask.Height);
        }

        return _straightening.Apply(mask);
    }

    private static void CheckAspect(BinaryMask mask, PinholeCamera camera)
    {
        double expectedHeight = (double)camera.Height * mask.Width / camera.Width;
        double expectedWidth = (double)camera.Width * mask.Height / camera.Height;
        bool same = Math.Abs(mask.Height - expectedHeight) <= RoundingPixels + MaxAspectError * expectedHeight
            || Math.Abs(mask.Width - expectedWidth) <= RoundingPixels + MaxAspectError * expectedWidth;
        if (!same)
        {
            throw new InvalidMaskException(
                $"The mask is {mask.Width}×{mask.Height} pixels (width × height) and the view {camera.Width}×{camera.Height}: another "
                + "resolution is fine, another shape is not. Was the photo cut or turned, or are width and height swapped?");
        }
    }
}
