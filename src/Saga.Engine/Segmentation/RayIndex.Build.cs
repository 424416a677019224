using System.Runtime.CompilerServices;
using Saga.Engine.Rasterization.Cpu;
using Saga.Engine.Scenes;

namespace Saga.Engine.Segmentation;

public sealed partial class RayIndex
{
    /// <summary>Builds the index of a scene. O(count), some 60 ms for a million Gaussians.</summary>
    /// <param name="scene">The scene, which the index goes on reading.</param>
    public static RayIndex Build(GaussianScene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        int leafCount = Math.Max(1, (scene.Count + LeafSize - 1) / LeafSize);
        ushort[] reaches = new ushort[leafCount * LeafSize];
        float[] boxes = NewLevel(leafCount);
        Parallel.For(0, (leafCount + LeavesPerBatch - 1) / LeavesPerBatch, batch =>
        {
            var geometry = new GaussianGeometry(LeafSize);
            int end = Math.Min(leafCount, (batch + 1) * LeavesPerBatch);
            for (int leaf = batch * LeavesPerBatch; leaf < end; leaf++)
            {
                MeasureLeaf(scene, geometry, leaf, reaches).Store(boxes, leaf);
            }
        });

        var levels = new List<float[]> { boxes };
        while (levels[^1].Length > GroupFloats)
        {
            float[] below = levels[^1];
            int groups = below.Length / GroupFloats;
            float[] above = NewLevel(groups);
            for (int group = 0; group < groups; group++)
            {
                EncloseGroup(below, group).Store(above, group);
            }

            levels.Add(above);
        }

        return new RayIndex(scene, reaches, [.. levels]);
    }

    // Every lane starts as a box that reaches nothing.
    private static float[] NewLevel(int boxCount)
    {
        float[] level = new float[(boxCount + Fanout - 1) / Fanout * GroupFloats];
        for (int box = 0; box < level.Length / GroupFloats * Fanout; box++)
        {
            default(Enclosure).Store(level, box);
        }

        return level;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Enclosure MeasureLeaf(GaussianScene scene, GaussianGeometry geometry, int leaf, ushort[] reaches)
    {
        Enclosure enclosure = default;
        for (int slot = 0; slot < LeafSize; slot++)
        {
            int i = leaf * LeafSize + slot;
            reaches[i] = ReachesNothing;
            if (i >= scene.Count)
            {
                continue;
            }

            // q ≤ MaxExponent in the rasteriser's units of ½·log₂e: k² is that bound as a squared Mahalanobis distance.
            geometry.Set(slot, scene, i);
            float maxExponent = BlendLimits.MaxExponent(geometry.Log2Opacity[slot]);
            if (!(maxExponent > 0))
            {
                continue;
            }

            double k2 = 2 * Math.Log(2) * maxExponent;
            double logScale = Math.Max(Math.Max(scene.LogScales[3 * i], scene.LogScales[3 * i + 1]), scene.LogScales[3 * i + 2]);
            reaches[i] = RoundedUp((float)(k2 * Math.Exp(2 * logScale)));
            enclosure.Add(
                geometry.Mean(0)[slot], geometry.Mean(1)[slot], geometry.Mean(2)[slot], 0, 0, 0, ReachOf(reaches[i]), (float)k2);
        }

        return enclosure;
    }

    // The upper half of a float32 that is not smaller.
    private static ushort RoundedUp(float radiusSquared) =>
        (ushort)((BitConverter.SingleToUInt32Bits(radiusSquared) + 0xFFFF) >> 16);

    private static float ReachOf(ushort reach) => BitConverter.UInt32BitsToSingle((uint)reach << 16);

    private static Enclosure EncloseGroup(float[] level, int group)
    {
        Enclosure enclosure = default;
        ReadOnlySpan<float> boxes = level.AsSpan(group * GroupFloats, GroupFloats);
        for (int lane = 0; lane < Fanout; lane++)
        {
            enclosure.Add(
                boxes[lane], boxes[8 + lane], boxes[16 + lane], boxes[24 + lane], boxes[32 + lane], boxes[40 + lane],
                boxes[48 + lane], boxes[56 + lane]);
        }

        return enclosure;
    }

    // A growing box of means with the greatest reach of anything in it. Doubles, so that only storing rounds.
    private struct Enclosure
    {
        private double _lowX, _lowY, _lowZ, _highX, _highY, _highZ;
        private float _radiusSquared, _kSquared;
        private bool _any;

        public void Add(
            double x, double y, double z, double halfX, double halfY, double halfZ, float radiusSquared, float kSquared)
        {
            if (float.IsNegativeInfinity(radiusSquared))
            {
                return;
            }

            if (!_any)
            {
                (_lowX, _lowY, _lowZ) = (x - halfX, y - halfY, z - halfZ);
                (_highX, _highY, _highZ) = (x + halfX, y + halfY, z + halfZ);
                (_radiusSquared, _kSquared) = (radiusSquared, kSquared);
                _any = true;
                return;
            }

            (_lowX, _highX) = (Math.Min(_lowX, x - halfX), Math.Max(_highX, x + halfX));
            (_lowY, _highY) = (Math.Min(_lowY, y - halfY), Math.Max(_highY, y + halfY));
            (_lowZ, _highZ) = (Math.Min(_lowZ, z - halfZ), Math.Max(_highZ, z + halfZ));
            _radiusSquared = Math.Max(_radiusSquared, radiusSquared);
            _kSquared = Math.Max(_kSquared, kSquared);
        }

        public readonly void Store(float[] level, int box)
        {
            Span<float> boxes = level.AsSpan(box / Fanout * GroupFloats, GroupFloats);
            int lane = box % Fanout;
            boxes[48 + lane] = _any ? _radiusSquared : float.NegativeInfinity;
            boxes[56 + lane] = _kSquared;
            StoreAxis(boxes[lane..], _lowX, _highX);
            StoreAxis(boxes[(8 + lane)..], _lowY, _highY);
            StoreAxis(boxes[(16 + lane)..], _lowZ, _highZ);
        }

        // The half-extent carries the rounding of the centre and of the dot products that will be taken with it.
        private static void StoreAxis(Span<float> boxes, double low, double high)
        {
            double center = (low + high) / 2;
            boxes[0] = (float)center;
            boxes[24] = (float)((high - low) / 2 * (1 + 4 * PixelRay.RoundingSlack) + Math.Abs(center) * PixelRay.RoundingSlack);
        }
    }
}
