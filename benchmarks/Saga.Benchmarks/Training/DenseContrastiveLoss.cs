using Saga.Engine.Training;

namespace Saga.Benchmarks.Training;

/// <summary>
/// The logistic contrastive loss and its gradient as a tensor framework computes them: every step an array over all pairs and
/// scales, [scales, pixels, pixels].
/// </summary>
/// <remarks>
/// L = 1/(S·P) Σ_scales Σ_{i&lt;j} (1/n_i + 1/n_j)·λ·softplus(u) + (1 - mean‖F‖)². The arrays hold both (i, j) and (j, i), so sums over
/// them are halved. They are kept between calls, which favours this reference over a framework.
/// </remarks>
internal sealed class DenseContrastiveLoss
{
    private const float MinPositives = 8;

    private readonly int _scales;
    private readonly int _pixels;
    private readonly int _channels;
    private readonly float[] _gated, _norms, _units, _unitGradients;
    private readonly float[] _cosines, _together, _weights, _logits, _costs, _slopes;
    private readonly float[] _shares;

    public DenseContrastiveLoss(int scales, int pixels, int channels)
    {
        (_scales, _pixels, _channels) = (scales, pixels, channels);
        float[] Rows(int width) => new float[scales * pixels * width];
        (_gated, _units, _unitGradients) = (Rows(channels), Rows(channels), Rows(channels));
        (_norms, _shares) = (Rows(1), Rows(1));
        (_cosines, _together, _weights) = (Rows(pixels), Rows(pixels), Rows(pixels));
        (_logits, _costs, _slopes) = (Rows(pixels), Rows(pixels), Rows(pixels));
    }

    /// <summary>Loss and gradients; parameters as in <see cref="ContrastiveLoss"/>.</summary>
    public double Run(
        ContrastiveBatch batch, AffinityTrainingOptions options, float[] features, float[] gateWeight, float[] gateBias,
        float[] featureGradients, float[] weightGradients, float[] biasGradients)
    {
        float[][] gates = [.. batch.Quantiles.Select(q => gateWeight.Zip(gateBias, (a, b) => (float)(1 / (1 + Math.Exp(-(a * q + b))))).ToArray())];
        float[] lambdas = [.. batch.Quantiles.Select(q => (float)(options.FineNegativeWeight
            * Math.Pow(options.CoarseNegativeWeight / options.FineNegativeWeight, q)))];
        float[] thresholds = [.. batch.Quantiles.Select(q => (float)options.DecisionCosineAt(q))];
        float inverse = (float)(1 / options.DecisionTemperature);
        ForRows((row, scale, _) =>
        {
            for (int c = 0; c < _channels; c++)
            {
                _gated[row * _channels + c] = features[row % _pixels * _channels + c] * gates[scale][c];
            }
        });
        DensePasses.Norms(_gated, _channels, _norms);
        DensePasses.Divide(_gated, _channels, _norms, _units);
        ulong[] identities = new ulong[_scales * _pixels * batch.WordCount];
        ForRows((row, scale, _) => batch.Identity(
            row % _pixels, batch.MasksBelow[scale], identities.AsSpan(row * batch.WordCount, batch.WordCount)));
        ForRows((row, _, first) =>
        {
            for (int j = 0; j < _pixels; j++)
            {
                _cosines[row * _pixels + j] = DensePasses.Dot(Unit(row), Unit(first + j));
            }
        });
        ForRows((row, _, first) =>
        {
            for (int j = 0; j < _pixels; j++)
            {
                _together[row * _pixels + j] = row != first + j && Meet(identities, batch.WordCount, row, first + j) ? 1 : 0;
            }
        });
        ForRows((row, _, _) =>
        {
            float count = 0;
            foreach (float together in _together.AsSpan(row * _pixels, _pixels))
            {
                count += together;
            }

            _shares[row] = 1 / (Math.Max(count, MinPositives) * _scales * _pixels);
        });
        ForRows((row, scale, first) =>
        {
            for (int j = 0; j < _pixels; j++)
            {
                int pair = row * _pixels + j;
                float factor = _together[pair] + (1 - _together[pair]) * lambdas[scale];
                _weights[pair] = row == first + j ? 0 : (_shares[row] + _shares[first + j]) * factor;
            }
        });
        ForRows((row, scale, _) =>
        {
            for (int pair = row * _pixels; pair < (row + 1) * _pixels; pair++)
            {
                _logits[pair] = (_cosines[pair] - thresholds[scale]) * inverse * (1 - 2 * _together[pair]);
            }
        });
        ForRows((row, _, _) =>
        {
            for (int pair = row * _pixels; pair < (row + 1) * _pixels; pair++)
            {
                _costs[pair] = _weights[pair] * (Math.Max(_logits[pair], 0) + MathF.Log(1 + MathF.Exp(-Math.Abs(_logits[pair]))));
            }
        });
        ForRows((row, _, _) =>
        {
            for (int pair = row * _pixels; pair < (row + 1) * _pixels; pair++)
            {
                _slopes[pair] = _weights[pair] * inverse * (1 - 2 * _together[pair]) / (1 + MathF.Exp(-_logits[pair]));
            }
        });
        Array.Clear(_unitGradients);
        ForRows((row, _, first) =>
        {
            for (int j = 0; j < _pixels; j++)
            {
                DensePasses.AddScaled(
                    _unitGradients.AsSpan(row * _channels, _channels), Unit(first + j), _slopes[row * _pixels + j]);
            }
        });
        DensePasses.DivideBackward(_unitGradients, _units, _channels, _norms);

        double norm = NormTerm(features, featureGradients);
        Array.Clear(weightGradients);
        Array.Clear(biasGradients);
        for (int row = 0; row < _scales * _pixels; row++)
        {
            (int s, int p) = Math.DivRem(row, _pixels);
            for (int c = 0; c < _channels; c++)
            {
                float gradient = _unitGradients[row * _channels + c];
                float gate = gates[s][c];
                float slope = gradient * features[p * _channels + c] * gate * (1 - gate);
                featureGradients[p * _channels + c] += gradient * gate;
                biasGradients[c] += slope;
                weightGradients[c] += (float)(slope * batch.Quantiles[s]);
            }
        }

        return _costs.Sum(cost => (double)cost) / 2 + norm;
    }

    private ReadOnlySpan<float> Unit(int row) => _units.AsSpan(row * _channels, _channels);

    private double NormTerm(float[] features, float[] gradients)
    {
        float[] norms = new float[_pixels];
        DensePasses.Norms(features.AsSpan(0, _pixels * _channels).ToArray(), _channels, norms);
        double gap = 1 - norms.Average();
        for (int i = 0; i < _pixels * _channels; i++)
        {
            float norm = norms[i / _channels];
            gradients[i] = norm > 0 ? (float)(-2 * gap / _pixels / norm * features[i]) : 0;
        }

        return gap * gap;
    }

    private static bool Meet(ulong[] identities, int words, int i, int j)
    {
        ulong common = 0;
        for (int w = 0; w < words; w++)
        {
            common |= identities[i * words + w] & identities[j * words + w];
        }

        return common != 0;
    }

    // Row = scale · pixels + pixel; receives the row, its scale and the scale's first row.
    private void ForRows(Action<int, int, int> body) => DensePasses.ForRows(_scales * _pixels, (start, end) =>
    {
        for (int row = start; row < end; row++)
        {
            body(row, row / _pixels, row / _pixels * _pixels);
        }
    });
}
