namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>Options of SAM's automatic mask generator, as published but for the last one; checked by <see cref="Validate"/>.</summary>
public sealed record SamOptions
{
    /// <summary>Points along one side of the grid over the whole picture, 1..256. 32: objects from about 1/32 of the picture are hit.</summary>
    public int PointsPerSide { get; init; } = 32;

    /// <summary>
    /// Points given to the decoder at once, 1..1024, where its export takes several. Speed only: a batch of 64 takes about 70 MB.
    /// </summary>
    public int PointsPerBatch { get; init; } = 64;

    /// <summary>Masks whose quality, as the model itself predicts it, is not above this are dropped, 0..1; 0 keeps all.</summary>
    public float PredictedIouThreshold { get; init; } = 0.88f;

    /// <summary>
    /// Masks less stable than this are dropped, 0..1; 0 keeps all. Stability is the IoU of the mask cut at logits +1 and -1:
    /// low where the model is unsure of the border.
    /// </summary>
    public float StabilityThreshold { get; init; } = 0.95f;

    /// <summary>Of two masks whose boxes' IoU is above this, the one with the lower predicted quality is dropped, 0..1.</summary>
    public float BoxNmsThreshold { get; init; } = 0.7f;

    /// <summary>
    /// Layers of crops that are looked at as pictures of their own, 0..3; layer i has 4^i crops. 0: each crop costs a run
    /// of the encoder; small parts gain by 1.
    /// </summary>
    public int CropLayers { get; init; }

    /// <summary>Box IoU above which, of two masks from different crops, the one from the larger crop is dropped, 0..1.</summary>
    public float CropNmsThreshold { get; init; } = 0.7f;

    /// <summary>By which part of the picture's shorter side the crops of the first layer overlap, 0..0.9; less in later layers.</summary>
    public double CropOverlapRatio { get; init; } = 512.0 / 1500;

    /// <summary>In crop layer i the grid has 1/factor^i of the points along each side, 1..8.</summary>
    public int CropPointsDownscaleFactor { get; init; } = 1;

    /// <summary>
    /// Holes are filled and islands removed below this many pixels, 0..1,000,000; 0 keeps all. 100, where the published
    /// default is 0: specks at other depths would spoil a mask's scale.
    /// </summary>
    public int MinRegionArea { get; init; } = 100;

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="ArgumentException">With the value and the range.</exception>
    public void Validate()
    {
        Check(PointsPerSide, 1, 256, nameof(PointsPerSide));
        Check(PointsPerBatch, 1, 1024, nameof(PointsPerBatch));
        Check(PredictedIouThreshold, 0, 1, nameof(PredictedIouThreshold));
        Check(StabilityThreshold, 0, 1, nameof(StabilityThreshold));
        Check(BoxNmsThreshold, 0, 1, nameof(BoxNmsThreshold));
        Check(CropLayers, 0, 3, nameof(CropLayers));
        Check(CropNmsThreshold, 0, 1, nameof(CropNmsThreshold));
        Check(CropOverlapRatio, 0, 0.9, nameof(CropOverlapRatio));
        Check(CropPointsDownscaleFactor, 1, 8, nameof(CropPointsDownscaleFactor));
        Check(MinRegionArea, 0, 1_000_000, nameof(MinRegionArea));
    }

    private static void Check(double value, double min, double max, string name)
    {
        // NaN fails the comparison, so it is refused.
        if (!(value >= min && value <= max))
        {
            throw new ArgumentException(FormattableString.Invariant($"{name} is {value}; it must be {min} to {max}."));
        }
    }
}
