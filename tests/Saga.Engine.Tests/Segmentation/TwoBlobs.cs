using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Segmentation;

/// <summary>
/// A scene whose selections are known: a left blob with feature e0 (its upper half also e2, seen only at fine scales), a right
/// blob with feature e1, and a floater with the left blob's feature far to the right.
/// </summary>
internal sealed class TwoBlobs
{
    public const int BlobSize = 200;
    public const int Dimension = 8;

    public TwoBlobs(int seed = 1)
    {
        Random random = new(seed);
        int count = 2 * BlobSize + 1;
        float[] means = new float[3 * count];
        float[] features = new float[Dimension * count];
        for (int i = 0; i < count; i++)
        {
            bool isFloater = i == 2 * BlobSize;
            bool isLeft = i < BlobSize;
            float center = isFloater ? 3 : isLeft ? -1 : 1;
            (means[3 * i], means[3 * i + 1], means[3 * i + 2]) = isFloater
                ? (center, 0, 0)
                : (center + Spread(random), Spread(random), Spread(random));
            features[i * Dimension + (isLeft || isFloater ? 0 : 1)] = 1;
            if (isLeft && means[3 * i + 1] < 0)
            {
                features[i * Dimension + 2] = 2;
            }
        }

        // Records 0, 100 and the last of the file are not usable; the engine's order is a shuffle of the rest.
        FileCount = count + 3;
        int[] fileIndices = [.. Enumerable.Range(0, FileCount).Where(r => r != 0 && r != 100 && r != FileCount - 1)];
        random.Shuffle(fileIndices);
        Scene = SyntheticScenes.Scene(
            means, [.. Enumerable.Repeat(-2.5f, 3 * count)], [.. Enumerable.Repeat(2f, count)], fileIndices: fileIndices, fileCount: FileCount);
        float[] weight = new float[Dimension];
        float[] bias = [.. Enumerable.Repeat(10f, Dimension)];
        (weight[2], bias[2]) = (-40, 20);   // channel 2 is open below quantile 0.5 and shut above
        Model = new AffinityModel
        {
            Dimension = Dimension,
            Features = features,
            Gate = new ScaleGate(weight, bias),
            Quantiles = new ScaleQuantiles([0.1, 1]),
            Info = new AffinityModelInfo(DateTimeOffset.UnixEpoch, 1, 0, 0, "{}", "", FileCount),
        };
    }

    public GaussianScene Scene { get; }

    public AffinityModel Model { get; }

    public int FileCount { get; }

    public PinholeCamera Camera { get; } = SyntheticScenes.LookAt([0, 0, -5], [0, 0, 0], 200, 120, 100, 100);

    public int[] Left => Records(Enumerable.Range(0, BlobSize));

    public int[] Right => Records(Enumerable.Range(BlobSize, BlobSize));

    public int[] Floater => Records([2 * BlobSize]);

    /// <summary>The part of the left blob with y below 0: upwards, as y points down.</summary>
    public int[] LeftUpper => Records(Enumerable.Range(0, BlobSize).Where(i => Scene.Means[3 * i + 1] < 0));

    /// <summary>Where a world point lands.</summary>
    public PixelPosition Pixel(double x, double y, double z)
    {
        (double cx, double cy, double cz) = Camera.Pose.Transform(x, y, z);
        return new PixelPosition((float)(Camera.Fx * cx / cz + Camera.Cx), (float)(Camera.Fy * cy / cz + Camera.Cy));
    }

    public int[] Records(IEnumerable<int> engineIndices) => [.. engineIndices.Select(i => Scene.FileIndices[i]).Order()];

    private static float Spread(Random random) => 0.3f * (float)SyntheticScenes.Signed(random);
}
