using System.Numerics;

namespace Saga.Cli.Evaluation;

/// <summary>Compares selections with a target, over Gaussians. Floaters count on neither side.</summary>
public sealed class GaussianOverlap
{
    private readonly byte[] _counted;
    private readonly byte[] _target;
    private readonly int _targetCount;

    /// <summary>Prepares the comparison with one target.</summary>
    public GaussianOverlap(LabeledScene scene, TargetKind kind, int label)
    {
        ushort[] labels = kind == TargetKind.WholeObject ? scene.ObjectOfGaussian : scene.PartOfGaussian;
        _counted = new byte[(labels.Length + 7) / 8];
        _target = new byte[_counted.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            byte bit = (byte)(1 << (i & 7));
            if (scene.ObjectOfGaussian[i] != LabeledScene.None)
            {
                _counted[i >> 3] |= bit;
                if (labels[i] == label)
                {
                    _target[i >> 3] |= bit;
                    _targetCount++;
                }
            }
        }
    }

    /// <summary>Measures one selection.</summary>
    /// <param name="selection">Gaussian i is bit i%8 of byte i/8, least significant first; ⌈count/8⌉ bytes.</param>
    /// <exception cref="InvalidDataException">The selection is of another length.</exception>
    public Overlap Measure(ReadOnlySpan<byte> selection)
    {
        if (selection.Length != _target.Length)
        {
            throw new InvalidDataException(
                $"The answer has {selection.Length} bytes; a bit for each Gaussian of this scene takes {_target.Length}.");
        }

        int selected = 0;
        int common = 0;
        for (int i = 0; i < selection.Length; i++)
        {
            selected += BitOperations.PopCount((uint)(selection[i] & _counted[i]));
            common += BitOperations.PopCount((uint)(selection[i] & _target[i]));
        }

        return new Overlap(selected, common, _targetCount);
    }
}

/// <summary>How a selection and a target overlap.</summary>
/// <param name="Selected">Gaussians selected, floaters aside.</param>
/// <param name="Common">Gaussians in both.</param>
/// <param name="Target">Gaussians of the target.</param>
public readonly record struct Overlap(int Selected, int Common, int Target)
{
    /// <summary>Common over either; 0 if both are empty.</summary>
    public double Iou => Selected + Target - Common == 0 ? 0 : (double)Common / (Selected + Target - Common);

    /// <summary>Share of the selection that belongs to the target; 0 for an empty selection.</summary>
    public double Precision => Selected == 0 ? 0 : (double)Common / Selected;

    /// <summary>Share of the target that was selected.</summary>
    public double Recall => Target == 0 ? 0 : (double)Common / Target;
}
