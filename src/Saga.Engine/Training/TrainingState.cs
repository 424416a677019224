using Saga.Engine.Affinity;
using Saga.Engine.Numerics;

namespace Saga.Engine.Training;

/// <summary>Everything that iterations change; what a checkpoint holds.</summary>
internal sealed class TrainingState
{
    private const int FeaturePurpose = 3;
    private const double InitialDeviation = 0.01;
    private const double LossMemory = 0.98;

    private double _lossWeight;
    private double _lossSum;

    private TrainingState(float[] features, ScaleGate gate)
    {
        Features = features;
        FirstMoments = new float[features.Length];
        SecondMoments = new float[features.Length];
        Visibility = new float[features.Length / gate.Dimension];
        GateWeight = gate.Weight;
        GateBias = gate.Bias;
        GateMoments = [.. Enumerable.Range(0, 4).Select(_ => new float[gate.Dimension])];
    }

    public int Iteration { get; set; }

    public float[] Features { get; }

    public float[] FirstMoments { get; }

    public float[] SecondMoments { get; }

    /// <summary>Σ w of each Gaussian over all pixels so far, [gaussians].</summary>
    public float[] Visibility { get; }

    public float[] GateWeight { get; }

    public float[] GateBias { get; }

    /// <summary>Moments of the gate: weight first, weight second, bias first, bias second.</summary>
    public float[][] GateMoments { get; }

    /// <summary>Running average of the loss.</summary>
    public double? AverageLoss => _lossWeight > 0 ? _lossSum / _lossWeight : null;

    public static TrainingState Create(int gaussianCount, AffinityTrainingOptions options)
    {
        var features = new float[(long)gaussianCount * options.FeatureDimension];
        var random = new CounterRandom(options.Seed, FeaturePurpose, 0);
        for (int i = 0; i < features.Length; i++)
        {
            features[i] = (float)(random.NextNormal() * InitialDeviation);
        }

        return new TrainingState(features, GateInitializer.Create(options.GateInitialization, options.FeatureDimension, options.Seed));
    }

    public void AddLoss(double loss)
    {
        _lossWeight = _lossWeight * LossMemory + 1;
        _lossSum = _lossSum * LossMemory + loss;
    }

    /// <summary>Writes every number, little-endian.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(Iteration);
        writer.Write(_lossWeight);
        writer.Write(_lossSum);
        foreach (float[] values in Arrays())
        {
            writer.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote into a state of the same shape.</summary>
    public void Read(BinaryReader reader)
    {
        Iteration = reader.ReadInt32();
        _lossWeight = reader.ReadDouble();
        _lossSum = reader.ReadDouble();
        foreach (float[] values in Arrays())
        {
            reader.BaseStream.ReadExactly(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    private IEnumerable<float[]> Arrays() => [Features, FirstMoments, SecondMoments, Visibility, GateWeight, GateBias, .. GateMoments];
}
