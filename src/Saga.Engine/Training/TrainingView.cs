using System.Numerics;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Numerics;
using Saga.Engine.Rasterization;

namespace Saga.Engine.Training;

/// <summary>A view with the masks that training uses, by ascending scale.</summary>
public sealed class TrainingView
{
    private readonly MaskMembership _membership;

    /// <summary>Collects the usable masks of a view.</summary>
    /// <param name="camera">The view's camera.</param>
    /// <param name="masks">Masks with their scales in world units (Eq. 2); any order, at least one.</param>
    public TrainingView(PinholeCamera camera, IEnumerable<(BinaryMask Mask, double Scale)> masks)
    {
        Camera = camera;
        (BinaryMask Mask, double Scale)[] sorted = [.. masks.OrderBy(m => m.Scale)];
        _membership = new MaskMembership([.. sorted.Select(m => m.Mask)], camera.Width, camera.Height);
        Scales = [.. sorted.Select(m => m.Scale)];
    }

    /// <summary>The view's camera.</summary>
    public PinholeCamera Camera { get; }

    /// <summary>Masks by ascending scale, at the view's resolution.</summary>
    public IReadOnlyList<BinaryMask> Masks => _membership.Masks;

    /// <summary>Their scales, world units, ascending.</summary>
    public double[] Scales { get; }

    /// <summary>64-bit words of a pixel's membership set.</summary>
    public int WordCount => _membership.WordCount;

    /// <summary>Draws the pixels of one iteration; those in no mask are left out.</summary>
    /// <param name="random">The iteration's stream.</param>
    /// <param name="count">Draws.</param>
    /// <param name="maskBalancedFraction">Share drawn by choosing a mask uniformly and then a pixel in it; the rest is uniform.</param>
    /// <returns>Pixels, their membership sets and the mean area of the masks on each.</returns>
    internal SampledPixels Sample(ref CounterRandom random, int count, double maskBalancedFraction)
    {
        var drawn = new PixelPosition[count];
        int balanced = (int)Math.Round(count * maskBalancedFraction);
        for (int i = 0; i < count; i++)
        {
            if (i < balanced)
            {
                int mask = random.Next(Masks.Count);
                drawn[i] = _membership.PixelOf(mask, random.Next(Masks[mask].Area));
            }
            else
            {
                int x = random.Next(Camera.Width);
                drawn[i] = new PixelPosition(x + 0.5f, random.Next(Camera.Height) + 0.5f);
            }
        }

        int words = WordCount;
        var drawnMembership = new ulong[count * words];
        _membership.Fill(drawn, drawnMembership);
        var positions = new List<PixelPosition>(count);
        var membership = new List<ulong>(count * words);
        var areas = new List<float>(count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<ulong> member = drawnMembership.AsSpan(i * words, words);
            float area = MeanArea(member);
            if (area > 0)
            {
                positions.Add(drawn[i]);
                membership.AddRange(member);
                areas.Add(area);
            }
        }

        return new SampledPixels([.. positions], [.. membership], [.. areas]);
    }

    // Mean area of the masks of a membership set, 0 when it is empty.
    private float MeanArea(ReadOnlySpan<ulong> member)
    {
        double area = 0;
        int count = 0;
        for (int w = 0; w < member.Length; w++)
        {
            for (ulong rest = member[w]; rest != 0; rest &= rest - 1)
            {
                area += Masks[w * 64 + BitOperations.TrailingZeroCount(rest)].Area;
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
