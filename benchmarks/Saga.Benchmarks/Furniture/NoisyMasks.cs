using Saga.Cli.Evaluation;
using Saga.Engine.Masks;
using Saga.Engine.Numerics;

namespace Saga.Benchmarks.Furniture;

/// <summary>A mask as an automatic mask generator would report it.</summary>
/// <param name="Mask">The pixels.</param>
/// <param name="Seed">The pixel that prompted it; one of its own.</param>
/// <param name="PredictedIou">The generator's opinion of the mask, in [0, 1].</param>
/// <param name="Stability">Its opinion of the border, in [0, 1].</param>
internal sealed record GeneratedMask(BinaryMask Mask, (int X, int Y) Seed, double PredictedIou, double Stability);

/// <summary>
/// Masks of many granularities from a true part map: parts, objects, the ground, all objects together; some missing, some with
/// a wrong border, some parts joined with a neighbour. The rates are those counted in samples/playroom.
/// </summary>
internal sealed class NoisyMasks
{
    /// <summary>Masks of fewer pixels are not reported.</summary>
    private const int MinArea = 48;

    private const double PartMissing = 0.25;
    private const double LargeMissing = 0.15;
    private const double PartJoined = 0.06;
    private const double BorderMoved = 0.5;

    /// <summary>A moved border grows or shrinks by 1 to this many pixels.</summary>
    private const int MaxBorderSteps = 2;

    private const double MinPredictedIou = 0.88;
    private const double MinStability = 0.95;

    private const int MaskPurpose = 7;

    private readonly ushort[] _parts;
    private readonly IReadOnlyList<LabeledPart> _names;
    private readonly int _width;
    private readonly int _height;
    private readonly List<GeneratedMask> _masks = [];
    private CounterRandom _random;

    private NoisyMasks(ushort[] parts, IReadOnlyList<LabeledPart> names, int width, int height, CounterRandom random)
    {
        _parts = parts;
        _names = names;
        _width = width;
        _height = height;
        _random = random;
    }

    /// <summary>Makes the masks of a view: parts first, by label, then what they belong to.</summary>
    /// <param name="parts">Part of every pixel, [height, width].</param>
    /// <param name="names">The parts and their objects.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="seed">The scene's seed.</param>
    /// <param name="view">Number of the view; each has errors of its own.</param>
    public static List<GeneratedMask> Generate(
        ushort[] parts, IReadOnlyList<LabeledPart> names, int width, int height, long seed, int view)
    {
        var generator = new NoisyMasks(parts, names, width, height, new CounterRandom(seed, MaskPurpose, view));
        generator.AddParts();
        int[] objects = [.. parts.Where(part => part != LabeledScene.None).Select(part => names[part].Owner).Distinct().Order()];
        foreach (int owner in objects)
        {
            generator.Add(part => names[part].Owner == owner, LargeMissing);
        }

        generator.Add(part => part != LabeledSurface.Ground, LargeMissing);
        return generator._masks;
    }

    private void AddParts()
    {
        Dictionary<int, int> areas = _parts.Where(part => part != LabeledScene.None && part != LabeledSurface.Ground)
            .CountBy(part => (int)part).ToDictionary();
        foreach (int part in areas.Where(area => area.Value >= MinArea).Select(area => area.Key).Order())
        {
            int joined = _random.NextDouble() < PartJoined ? Neighbor(part) : part;
            Add(other => other == part || other == joined, PartMissing);
        }
    }

    /// <summary>The part of the same object with the longest common border, or the part itself if it has none.</summary>
    private int Neighbor(int part)
    {
        var borders = new Dictionary<int, int>();
        for (int i = 0; i < _parts.Length - _width; i++)
        {
            Count(_parts[i], _parts[i + _width]);
            if ((i + 1) % _width != 0)
            {
                Count(_parts[i], _parts[i + 1]);
            }
        }

        return borders.Count == 0 ? part : borders.OrderByDescending(border => border.Value).ThenBy(border => border.Key).First().Key;

        void Count(ushort one, ushort other)
        {
            int neighbor = one == part ? other : other == part ? one : part;
            if (neighbor != part && neighbor != LabeledScene.None && _names[neighbor].Owner == _names[part].Owner)
            {
                borders[neighbor] = borders.GetValueOrDefault(neighbor) + 1;
            }
        }
    }

    /// <summary>Adds the mask of some parts, unless chance leaves it out or little of it is to be seen.</summary>
    private void Add(Predicate<int> belongs, double missing)
    {
        // Every draw is made whatever comes of it, so that a change of one rate leaves the other errors as they are.
        bool isMissing = _random.NextDouble() < missing;
        bool isMoved = _random.NextDouble() < BorderMoved;
        bool grows = _random.NextDouble() < 0.5;
        int steps = 1 + _random.Next(MaxBorderSteps);
        double predictedIou = double.Lerp(MinPredictedIou, 1, _random.NextDouble());
        double stability = double.Lerp(MinStability, 1, _random.NextDouble());
        double place = _random.NextDouble();
        if (isMissing)
        {
            return;
        }

        var pixels = new byte[_parts.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = _parts[i] != LabeledScene.None && belongs(_parts[i]) ? (byte)1 : (byte)0;
        }

        for (int step = 0; isMoved && step < steps; step++)
        {
            pixels = MoveBorder(pixels, grows);
        }

        BinaryMask mask = BinaryMask.FromPixels(_width, _height, pixels);
        if (mask.Area >= MinArea)
        {
            _masks.Add(new GeneratedMask(mask, mask.SetPixel((int)(place * mask.Area)), predictedIou, stability));
        }
    }

    /// <summary>Sets every pixel beside a set one, or clears every pixel beside a cleared one (the picture's edge is neither).</summary>
    private byte[] MoveBorder(byte[] pixels, bool grows)
    {
        byte spreading = grows ? (byte)1 : (byte)0;
        var moved = (byte[])pixels.Clone();
        for (int y = 0; y < _height; y++)
        {
            for (int x = 0; x < _width; x++)
            {
                int i = y * _width + x;
                bool touches = (x > 0 && pixels[i - 1] == spreading) || (x < _width - 1 && pixels[i + 1] == spreading)
                    || (y > 0 && pixels[i - _width] == spreading) || (y < _height - 1 && pixels[i + _width] == spreading);
                if (touches)
                {
                    moved[i] = spreading;
                }
            }
        }

        return moved;
    }
}
