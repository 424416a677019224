// Scores all Gaussians against a prompt (SimilarityFilterKernel, GatedSimilarityKernel): by 8 bits where they decide, by float32
// where not; what is selected is the CPU's, bit for bit. One work item is one Gaussian.

#define BLOCK 16

float decoded(__global const char2 *high, __global const char2 *low, long at, int second, float step)
{
    return second ? (256 * (int)high[at].y + (int)low[at].y) * step : (256 * (int)high[at].x + (int)low[at].x) * step;
}

float greater(float a, float b)
{
    // NaN stays, as in the CPU's vectors.
    return a > b || a != a ? a : b;
}

float cosine_of(float dot, float norm_squared)
{
    if (!(norm_squared > MIN_NORM_SQUARED))
    {
        return 0.0f;
    }

    float cosine = dot / sqrt(norm_squared);
    return cosine != cosine ? cosine : fmin(fmax(cosine, -1.0f), 1.0f);
}

// The greatest dot product of the gated feature over some queries.
float greatest_dot(
    __global const char2 *high, __global const char2 *low, long first, float step, int dimension,
    __global const float *gate, __global const float *queries, int from, int to, float *norm_squared)
{
    float best = 0.0f;
    for (int j = from; j < to; j++)
    {
        float dot = 0.0f;
        float squares = 0.0f;
        for (int c = 0; c < dimension; c++)
        {
            float gated = decoded(high, low, first + (long)(c / 2) * BLOCK, c & 1, step) * gate[c];
            dot = dot + gated * queries[j * dimension + c];
            squares = squares + gated * gated;
        }

        best = j == from ? dot : greater(best, dot);
        *norm_squared = squares;
    }

    return best;
}

int selected_exactly(
    __global const char2 *high, __global const char2 *low, long first, float step, int dimension, int positives, int negatives,
    __global const float *gate, __global const float *queries, float threshold)
{
    float squares = 0.0f;
    float best = greatest_dot(high, low, first, step, dimension, gate, queries, 0, positives, &squares);
    float positive = cosine_of(best, squares);
    if (!(positive >= threshold))
    {
        return 0;
    }

    if (negatives == 0)
    {
        return 1;
    }

    float worst = greatest_dot(high, low, first, step, dimension, gate, queries, positives, positives + negatives, &squares);
    return positive > cosine_of(worst, squares);
}

int low_half(int pair)
{
    return (int)(short)(pair & 0xFFFF);
}

int weighted_squares(char2 k, int weights)
{
    int x = k.x, y = k.y;
    return x * x * low_half(weights) + y * y * (weights >> 16);
}

int whole_dot(__global const char2 *high, long first, int pairs, __global const int *weights)
{
    int dot = 0;
    for (int p = 0; p < pairs; p++)
    {
        char2 k = high[first + (long)p * BLOCK];
        dot += (int)k.x * low_half(weights[p]) + (int)k.y * (weights[p] >> 16);
    }

    return dot;
}

// 1: selected, 0: not, -1: 8 bits do not decide.
int judged(
    __global const char2 *high, long first, int pairs, int positives, int negatives, __global const int *dot_weights,
    __global const int *square_weights, float dot_unit, float relative_error, float threshold, float smallest_norm, float4 limit)
{
    // Four sums, as one would not fit 32 bits; pairs come in fours.
    int squares0 = 0, squares1 = 0, squares2 = 0, squares3 = 0;
    for (int p = 0; p < pairs; p += 4)
    {
        squares0 += weighted_squares(high[first + (long)p * BLOCK], square_weights[p]);
        squares1 += weighted_squares(high[first + (long)(p + 1) * BLOCK], square_weights[p + 1]);
        squares2 += weighted_squares(high[first + (long)(p + 2) * BLOCK], square_weights[p + 2]);
        squares3 += weighted_squares(high[first + (long)(p + 3) * BLOCK], square_weights[p + 3]);
    }

    float norm = sqrt(((float)squares0 + (float)squares1) + ((float)squares2 + (float)squares3));
    if (!(norm > smallest_norm))
    {
        return -1;
    }

    float best = (float)whole_dot(high, first, pairs, dot_weights) * dot_unit;
    for (int j = 1; j < positives; j++)
    {
        best = fmax(best, (float)whole_dot(high, first, pairs, dot_weights + j * pairs) * dot_unit);
    }

    float distance = norm * (best - threshold * norm);
    float margin = limit.z + norm * (limit.y + relative_error * norm);
    if (-distance > margin)
    {
        return 0;
    }

    int inside = distance > margin;
    if (negatives == 0)
    {
        return inside ? 1 : -1;
    }

    float worst = (float)whole_dot(high, first, pairs, dot_weights + positives * pairs);
    for (int j = positives + 1; j < positives + negatives; j++)
    {
        worst = fmax(worst, (float)whole_dot(high, first, pairs, dot_weights + j * pairs));
    }

    float lead = best - worst * dot_unit;
    float lead_margin = limit.w + (4 * relative_error) * norm;
    return -lead > lead_margin ? 0 : inside && lead > lead_margin ? 1 : -1;
}

// mask: one bit per record of the file, or per Gaussian where there are no file indices; all 0 before.
__kernel void select_gaussians(
    __global const char2 *high, __global const char2 *low, __global const ushort *steps, __global const float *smallest_steps,
    __global const uchar *off_channels, __global const int *file_indices, int count, int dimension, int pairs, int positives, int negatives,
    __global const float *gate, __global const float *queries, __global const int *dot_weights, __global const int *square_weights,
    __global const float4 *limits, float dot_unit, float relative_error, float smallest_norm, float threshold, int filtered,
    __global uint *mask)
{
    const int i = get_global_id(0);
    if (i >= count)
    {
        return;
    }

    const int block = i / BLOCK;
    const long first = (long)block * pairs * BLOCK + i % BLOCK;
    int verdict = -1;
    if (filtered)
    {
        float4 limit = limits[off_channels[block]];
        float smallest = smallest_norm / smallest_steps[block];
        smallest = smallest != smallest ? smallest : fmax(limit.x, smallest);
        verdict = judged(
            high, first, pairs, positives, negatives, dot_weights, square_weights, dot_unit, relative_error, threshold, smallest, limit);
    }

    if (verdict < 0)
    {
        float step = as_float((uint)steps[i] << 16);
        verdict = selected_exactly(high, low, first, step, dimension, positives, negatives, gate, queries, threshold);
    }

    if (verdict)
    {
        uint bit = file_indices ? (uint)file_indices[i] : (uint)i;
        atomic_or(&mask[bit >> 5], 1u << (bit & 31));
    }
}

// The feature that a row of Gaussians shows; one item is one channel.
__kernel void blend_feature(
    __global const char2 *high, __global const char2 *low, __global const ushort *steps, int dimension, int pairs,
    __global const int *indices, __global const float *weights, int length, __global float *feature)
{
    const int c = get_global_id(0);
    if (c >= dimension)
    {
        return;
    }

    float sum = 0.0f;
    for (int k = 0; k < length; k++)
    {
        int i = indices[k];
        float step = as_float((uint)steps[i] << 16);
        long at = (long)(i / BLOCK) * pairs * BLOCK + (long)(c / 2) * BLOCK + i % BLOCK;
        sum = sum + weights[k] * decoded(high, low, at, c & 1, step);
    }

    feature[c] = sum;
}
