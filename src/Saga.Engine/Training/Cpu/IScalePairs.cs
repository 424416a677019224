using Saga.Engine.Numerics;

namespace Saga.Engine.Training.Cpu;

/// <summary>All pixel pairs of one batch at one scale, at a vector width that is chosen once.</summary>
internal unsafe interface IScalePairs : IDisposable
{
    /// <summary>Gradient of the loss with respect to the ungated features through this scale, [pixels, stride].</summary>
    float* FeatureGradients { get; }

    /// <summary>Gradient with respect to the gate's value, [channels].</summary>
    double[] GateGradients { get; }

    /// <summary>The gate's value at this scale, [channels].</summary>
    ReadOnlySpan<float> Gate { get; }

    /// <summary>The pairs at a vector width.</summary>
    static IScalePairs Create(SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => new ScalePairs<FloatX16>(),
        SimdLevel.Vector256 => new ScalePairs<FloatX8>(),
        SimdLevel.Vector128 => new ScalePairs<FloatX4>(),
        _ => new ScalePairs<FloatX1>(),
    };

    /// <summary>Gates and normalises the features and builds the identity vectors of a scale.</summary>
    void Prepare(
        ContrastiveBatch batch, int scale, ReadOnlySpan<float> features, int channels, ReadOnlySpan<float> gateWeight, ReadOnlySpan<float> gateBias);

    /// <summary>First pass of the logistic form: how many other pixels each pixel corresponds with, [padded pixels].</summary>
    float* CountCorresponding();

    /// <summary>Second pass of the logistic form.</summary>
    /// <param name="pixelWeights">Weight of each pixel; a pair weighs the sum of its two, [padded pixels].</param>
    /// <param name="negative">Factor of a negative pair.</param>
    /// <param name="threshold">Cosine where both sides are undecided.</param>
    /// <param name="temperature">Width of the transition.</param>
    /// <param name="features">Ungated features, [pixels, channels].</param>
    (double Positive, double Negative) AddLogisticGradients(
        float* pixelWeights, float negative, float threshold, float temperature, ReadOnlySpan<float> features);

    /// <summary>First pass of the published form: what the pair selection (A.1) has to know of this scale.</summary>
    void Survey(PairSurvey survey);

    /// <summary>Second pass of the published form: the loss of this scale and its gradient.</summary>
    /// <param name="positive">Factor of a positive pair.</param>
    /// <param name="negative">Factor of a negative pair.</param>
    /// <param name="survey">The selected pairs.</param>
    /// <param name="ratios">r of the pair weight, [padded pixels].</param>
    /// <param name="offset">Offset of the pair weight.</param>
    /// <param name="factor">Factor of the pair weight.</param>
    /// <param name="features">Ungated features, [pixels, channels].</param>
    /// <returns>Σ of both sides, with the factors applied.</returns>
    (double Positive, double Negative) AddPublishedGradients(
        float positive, float negative, PairSurvey survey, float* ratios, float offset, float factor, ReadOnlySpan<float> features);
}
