using Saga.Engine.Numerics;
using Saga.Engine.Rasterization;
using Saga.Engine.Segmentation;

namespace Saga.Cli.Evaluation.Protocols;

/// <summary>Draws clicks from marked pixels, the same for the same seed.</summary>
/// <remarks>
/// Where a region is thick, clicks keep off its border: masks drawn by hand are off by some pixels there. Of a region's pixels those count
/// whose distance to the outside is at least half of the greatest, or <see cref="FarFromBorder"/> if that is less.
/// </remarks>
public static class ProtocolPoints
{
    /// <summary>Pixels from the border that are far enough in any case.</summary>
    public const int FarFromBorder = 8;

    private const int Purpose = 100;

    /// <summary>Draws points without repetition.</summary>
    /// <param name="region">Marked pixels, at the view's resolution.</param>
    /// <param name="isUsable">Whether a pixel shows something: clicks on background are refused.</param>
    /// <param name="count">How many; fewer where there are fewer pixels.</param>
    /// <param name="positive">What they say.</param>
    /// <param name="seed">The report's seed.</param>
    public static PromptPoint[] Draw(PixelRegion region, Func<int, bool> isUsable, int count, bool positive, long seed)
    {
        int[] distances = DistanceTransform.Squared(region.Marked, region.Width, region.Height);
        double needed = Math.Min(FarFromBorder, Math.Sqrt(distances.Max()) / 2);
        int[] pixels = [.. Enumerable.Range(0, distances.Length).Where(p => distances[p] > 0 && distances[p] >= needed * needed && isUsable(p))];
        var random = new CounterRandom(seed, Purpose, positive ? 1 : 0);
        var points = new PromptPoint[Math.Min(count, pixels.Length)];
        for (int k = 0; k < points.Length; k++)
        {
            int chosen = k + random.Next(pixels.Length - k);
            (pixels[k], pixels[chosen]) = (pixels[chosen], pixels[k]);
            points[k] = new PromptPoint(new PixelPosition(pixels[k] % region.Width + 0.5f, pixels[k] / region.Width + 0.5f), positive);
        }

        return points;
    }
}
