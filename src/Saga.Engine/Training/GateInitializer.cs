using Saga.Engine.Affinity;
using Saga.Engine.Numerics;

namespace Saga.Engine.Training;

/// <summary>The gate before training.</summary>
internal static class GateInitializer
{
    // Of 32 channels 8 are always on; the rest switch off in turn. A slope of 45 goes from 0.88 to 0.12 over 0.09 of
    // the scale: the range where an object is itself, above its largest part and below its own scale, is often as narrow.
    private const double AlwaysOnFraction = 8.0 / 32.0;
    private const float AlwaysOnBias = 2;
    private const float LadderSlope = 45;
    private const int Purpose = 4;

    public static ScaleGate Create(GateInitialization kind, int dimension, long seed)
    {
        var weight = new float[dimension];
        var bias = new float[dimension];
        if (kind == GateInitialization.Uniform)
        {
            var random = new CounterRandom(seed, Purpose, 0);
            for (int c = 0; c < dimension; c++)
            {
                weight[c] = (float)(2 * random.NextDouble() - 1);
            }

            for (int c = 0; c < dimension; c++)
            {
                bias[c] = (float)(2 * random.NextDouble() - 1);
            }

            return new ScaleGate(weight, bias);
        }

        int alwaysOn = (int)Math.Round(dimension * AlwaysOnFraction);
        int rungs = dimension - alwaysOn;
        for (int c = 0; c < dimension; c++)
        {
            if (c < alwaysOn)
            {
                bias[c] = AlwaysOnBias;
                continue;
            }

            double switchesOffAt = (double)(c - alwaysOn) / Math.Max(1, rungs - 1);
            weight[c] = -LadderSlope;
            bias[c] = (float)(LadderSlope * switchesOffAt);
        }

        return new ScaleGate(weight, bias);
    }
}
