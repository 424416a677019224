using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Numerics;
using Saga.Engine.Rasterization;

namespace Saga.Engine.Training;

/// <summary>A view with the masks that training uses, by ascending scale.</summary>
public sealed class TrainingView
{
    /// <summary>Collects the usable masks of a view.</summary>
    /// <param name="camera">The view's camera.</param>
    /// <param name="masks">Masks with their scales in world units (Eq. 2); any order, at least one.</param>
    public TrainingView(PinholeCamera camera, IEnumerable<(BinaryMask Mask, double Scale)> masks)
    {
        Camera = camera;
        (BinaryMask Mask, double Scale)[] sorted = [.. masks.OrderBy(m => m.Scale)];
        Masks = [.. sorted.Select(m => m.Mask)];
        Scales = [.. sorted.Select(m => m.Scale)];
        Areas = [.. sorted.Select(m => (float)((double)m.Mask.Area * camera.Width * camera.Height / ((double)m.Mask.Width * m.Mask.Height)))];
    }

    /// <summary>The view's camera.</summary>
    public PinholeCamera Camera { get; }

    /// <summary>Masks by ascending scale.</summary>
    public BinaryMask[] Masks { get; }

    /// <summary>Their scales, world units, ascending.</summary>
    public double[] Scales { get; }

    /// <summary>Their areas in pixels of the view.</summary>
    public float[] Areas { get; }

    /// <summary>64-bit words of a pixel's membership set.</summary>
    public int WordCount => ContrastiveBatch.WordsFor(Masks.Length);

    /// <summary>Draws the pixels of one iteration; those in no mask are left out.</summary>
    /// <param name="random">The iteration's stream.</param>
    /// <param name="count">Draws.</param>
    /// <param name="maskBalancedFraction">Share drawn by choosing a mask uniformly and then a pixel in it; the rest is uniform.</param>
    /// <returns>Pixels, their membership sets and the mean area of the masks on each.</returns>
    internal SampledPixels Sample(ref CounterRandom random, int count, double maskBalancedFraction)
    {
        var positions = new List<PixelPosition>(count);
        var membership = new List<ulong>(count * WordCount);
        var areas = new List<float>(count);
        Span<ulong> member = stackalloc ulong[WordCount];
        int balanced = (int)Math.Round(count * maskBalancedFraction);
        for (int i = 0; i < count; i++)
        {
            int x;
            int y;
            if (i < balanced)
            {
                BinaryMask mask = Masks[random.Next(Masks.Length)];
                (int maskX, int maskY) = mask.SetPixel(random.Next(mask.Area));
                x = (int)((maskX + 0.5) * Camera.Width / mask.Width);
                y = (int)((maskY + 0.5) * Camera.Height / mask.Height);
            }
            else
            {
                x = random.Next(Camera.Width);
                y = random.Next(Camera.Height);
            }

            float area = Membership(x, y, member);
            if (area > 0)
            {
                positions.Add(new PixelPosition(x + 0.5f, y + 0.5f));
                membership.AddRange(member);
                areas.Add(area);
            }
        }

        return new SampledPixels([.. positions], [.. membership], [.. areas]);
    }

    // Fills the membership set of a pixel and returns the mean area of the masks on it, 0 when there is none.
    private float Membership(int x, int y, Span<ulong> member)
    {
        member.Clear();
        double area = 0;
        int count = 0;
        for (int m = 0; m < Masks.Length; m++)
        {
            BinaryMask mask = Masks[m];
            if (mask.Contains(
                (int)((x + 0.5) * mask.Width / Camera.Width), (int)((y + 0.5) * mask.Height / Camera.Height)))
            {
                member[m >> 6] |= 1UL << (m & 63);
                area += Areas[m];
                count++;
            }
        }

        return count == 0 ? 0 : (float)(area / count);
    }
}

/// <summary>The pixels of one iteration.</summary>
/// <param name="Positions">Pixel centres, [pixels].</param>
/// <param name="Membership">Membership sets, [pixels, words].</param>
/// <param name="MeanMaskArea">Mean area of the masks on each, [pixels].</param>
internal sealed record SampledPixels(PixelPosition[] Positions, ulong[] Membership, float[] MeanMaskArea);
