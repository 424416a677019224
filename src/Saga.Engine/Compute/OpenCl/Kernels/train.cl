// One iteration of training (FeatureSmoothing, ContrastiveLoss, LazyAdam). CHANNELS is the feature dimension. What is added up by
// several items at once has no fixed order, so results agree with the CPU's up to rounding.

typedef __global float *floats;
typedef __global const float *constant_floats;

// Takes the sum out, adds, and puts it back with whatever came in between: fewer turns under contention than compare and swap.
void add_to(volatile __global float *sum, float value)
{
    do
    {
        value = atomic_xchg(sum, atomic_xchg(sum, 0.0f) + value);
    }
    while (value != 0.0f && value == value);
}

// Numbers the Gaussians of the rows: stamps[i] is the iteration that saw i last, slots[i] its number then.
__kernel void mark_blended(
    __global const int *indices, constant_floats weights, int entries, int iteration, __global int *stamps, __global int *slots,
    __global int *count, __global int *blended, floats visibility)
{
    const int e = get_global_id(0);
    if (e >= entries)
    {
        return;
    }

    const int i = indices[e];
    add_to(&visibility[i], weights[e]);
    if (atomic_xchg(&stamps[i], iteration) != iteration)
    {
        int slot = atomic_inc(count);
        slots[i] = slot;
        blended[slot] = i;
    }
}

// The same for the drawn neighbours of those.
__kernel void mark_touched(
    int most, __global const int *blended, __global const int *blended_count, __global const int *neighbors, int neighbors_each,
    __global const int *ranks, int rank_count, int iteration, __global int *stamps, __global int *slots, __global int *count, __global int *touched)
{
    const int k = get_global_id(0);
    if (k >= most || k / rank_count >= *blended_count)
    {
        return;
    }

    const int j = neighbors[(long)blended[k / rank_count] * neighbors_each + ranks[k % rank_count]];
    if (atomic_xchg(&stamps[j], iteration) != iteration)
    {
        int slot = atomic_inc(count);
        slots[j] = slot;
        touched[slot] = j;
    }
}

// 1/‖row‖ of some rows of a table, 0 for rows of zeros; rows by number, or the first ones where there are no numbers.
__kernel void inverse_norms(int most, __global const int *count, __global const int *numbers, constant_floats table, floats inverse)
{
    const int k = get_global_id(0);
    if (k >= most || k >= *count)
    {
        return;
    }

    constant_floats row = table + (long)(numbers ? numbers[k] : k) * CHANNELS;
    float square = 0.0f;
    for (int c = 0; c < CHANNELS; c++)
    {
        square = fma(row[c], row[c], square);
    }

    inverse[k] = square > 0.0f ? 1.0f / sqrt(square) : 0.0f;
}

// smooth = Σ over the drawn neighbours of their unit features; also clears the gradients of what takes part. One item is a channel of a row.
__kernel void smooth_features(
    int most, __global const int *blended_count, __global const int *blended, __global const int *neighbors, int neighbors_each,
    __global const int *ranks, int rank_count, __global const int *slots, constant_floats features, constant_floats inverse,
    floats smooth, floats smooth_gradients)
{
    const int item = get_global_id(0);
    const int k = item / CHANNELS, c = item % CHANNELS;
    if (k >= most || k >= *blended_count)
    {
        return;
    }

    float sum = 0.0f;
    for (int r = 0; r < rank_count; r++)
    {
        int j = neighbors[(long)blended[k] * neighbors_each + ranks[r]];
        sum += features[(long)j * CHANNELS + c] * inverse[slots[j]];
    }

    smooth[(long)k * CHANNELS + c] = sum;
    smooth_gradients[(long)k * CHANNELS + c] = 0.0f;
}

__kernel void clear_rows(int most, __global const int *count, floats table)
{
    const int item = get_global_id(0);
    if (item / CHANNELS < most && item / CHANNELS < *count)
    {
        table[item] = 0.0f;
    }
}

// F of each pixel.
__kernel void render_features(
    int pixels, __global const int *row_starts, __global const int *indices, constant_floats weights, __global const int *slots,
    constant_floats smooth, constant_floats smooth_inverse, floats rendered)
{
    const int item = get_global_id(0);
    const int p = item / CHANNELS, c = item % CHANNELS;
    if (p >= pixels)
    {
        return;
    }

    float sum = 0.0f;
    for (int e = row_starts[p]; e < row_starts[p + 1]; e++)
    {
        int slot = slots[indices[e]];
        sum = fma(smooth[(long)slot * CHANNELS + c] * smooth_inverse[slot], weights[e], sum);
    }

    rendered[item] = sum;
}

// gates[s] = σ(a·q + b) of each sampled scale.
__kernel void evaluate_gates(int scales, __global const double *quantiles, constant_floats gate, floats gates)
{
    const int item = get_global_id(0);
    if (item < scales * CHANNELS)
    {
        int c = item % CHANNELS;
        gates[item] = (float)(1.0 / (1.0 + exp(-(gate[c] * quantiles[item / CHANNELS] + gate[CHANNELS + c]))));
    }
}

// The unit gated feature and the identity (Eq. 6) of each pixel at each scale.
__kernel void gate_pixels(
    int pixels, int scales, int words, constant_floats rendered, constant_floats gates, __global const ulong *membership,
    __global const int *masks_below, floats units, floats inverse, __global ulong *identities)
{
    const int item = get_global_id(0);
    if (item >= pixels * scales)
    {
        return;
    }

    const int s = item / pixels, p = item % pixels;
    double square = 0.0;
    for (int c = 0; c < CHANNELS; c++)
    {
        float value = rendered[p * CHANNELS + c] * gates[s * CHANNELS + c];
        square += (double)value * value;
    }

    const float norm = square > 0.0 ? (float)(1.0 / sqrt(square)) : 0.0f;
    inverse[item] = norm;
    for (int c = 0; c < CHANNELS; c++)
    {
        units[(long)item * CHANNELS + c] = rendered[p * CHANNELS + c] * gates[s * CHANNELS + c] * norm;
    }

    bool found = false;
    for (int w = 0; w < words; w++)
    {
        int split = clamp(masks_below[s] - w * 64, 0, 64);
        ulong below = split == 64 ? ~0UL : (1UL << split) - 1;
        ulong member = membership[(long)p * words + w];
        ulong above = found ? 0UL : member & ~below;
        found = found || above != 0;
        identities[(long)item * words + w] = (member & below) | (above & (~above + 1));
    }
}

bool together(__global const ulong *identities, int words, long a, long b)
{
    for (int w = 0; w < words; w++)
    {
        if (identities[a * words + w] & identities[b * words + w])
        {
            return true;
        }
    }

    return false;
}

// Logistic form: the weight of each pixel from how many others it corresponds with.
__kernel void weigh_pixels(int pixels, int scales, int words, __global const ulong *identities, float least, floats weights)
{
    const int item = get_global_id(0);
    if (item >= pixels * scales)
    {
        return;
    }

    const int s = item / pixels, p = item % pixels;
    float partners = 0.0f;
    for (int j = 0; j < pixels; j++)
    {
        partners += j != p && together(identities, words, item, (long)s * pixels + j) ? 1.0f : 0.0f;
    }

    weights[item] = 1.0f / (fmax(partners, least) * pixels * scales);
}

// ln(1 + e^u) and its slope (LogisticVector).
float softplus(float u, float *slope)
{
    float m = exp(-fabs(u));
    float inverse = 1.0f / (1.0f + m);
    *slope = u > 0.0f ? inverse : m * inverse;
    return log1p(m) + fmax(u, 0.0f);
}

#define STAGE 32

// Σ over the other pixels of slope·unit, for one pixel a item; the other pixels' units are fetched by the group. PAIR computes the
// slope from cosine and i, j, and adds to the losses; each pair is met twice, so losses are halved.
#define OVER_PAIRS(PAIR) \
    __local float staged[STAGE * CHANNELS]; \
    const int item = get_global_id(0); \
    const int s = item / padded, i = item % padded; \
    const bool is_pixel = i < pixels; \
    const long own = (long)s * pixels + (is_pixel ? i : 0); \
    float unit[CHANNELS], sum[CHANNELS]; \
    float positive_loss = 0.0f, negative_loss = 0.0f; \
    for (int c = 0; c < CHANNELS; c++) \
    { \
        unit[c] = units[own * CHANNELS + c]; \
        sum[c] = 0.0f; \
    } \
    for (int first = 0; first < pixels; first += STAGE) \
    { \
        barrier(CLK_LOCAL_MEM_FENCE); \
        for (int k = get_local_id(0); k < STAGE * CHANNELS; k += get_local_size(0)) \
        { \
            if (first + k / CHANNELS < pixels) \
            { \
                staged[k] = units[((long)s * pixels + first) * CHANNELS + k]; \
            } \
        } \
        barrier(CLK_LOCAL_MEM_FENCE); \
        for (int k = 0; k < STAGE && is_pixel; k++) \
        { \
            const int j = first + k; \
            if (j >= pixels || j == i) \
            { \
                continue; \
            } \
            float cosine = 0.0f; \
            for (int c = 0; c < CHANNELS; c++) \
            { \
                cosine = fma(unit[c], staged[k * CHANNELS + c], cosine); \
            } \
            float slope = 0.0f; \
            PAIR \
            for (int c = 0; c < CHANNELS; c++) \
            { \
                sum[c] = fma(slope, staged[k * CHANNELS + c], sum[c]); \
            } \
        } \
    } \
    if (!is_pixel) \
    { \
        return; \
    } \
    for (int c = 0; c < CHANNELS; c++) \
    { \
        gradients[own * CHANNELS + c] = sum[c]; \
    } \
    losses[2 * own] = 0.5f * positive_loss; \
    losses[2 * own + 1] = 0.5f * negative_loss;

// Logistic form. constants: negative weight and decision cosine of each scale.
__kernel void logistic_gradients(
    int pixels, int padded, int words, constant_floats units, __global const ulong *identities, constant_floats weights,
    __global const float2 *constants, float inverse_temperature, floats gradients, floats losses)
{
    OVER_PAIRS(
        bool same = together(identities, words, own, (long)s * pixels + j);
        float u = (cosine - constants[s].y) * inverse_temperature;
        float wrong;
        float cost = softplus(same ? -u : u, &wrong);
        float weight = weights[own] + weights[(long)s * pixels + j];
        weight = same ? weight : weight * constants[s].x;
        positive_loss += same ? weight * cost : 0.0f;
        negative_loss += same ? 0.0f : weight * cost;
        slope = weight * wrong * inverse_temperature;
        slope = same ? -slope : slope;)
}

#define ANY 1
#define ALL 2
#define HARD_POSITIVE 4
#define HARD_NEGATIVE 8
#define ATTRACTED 16
#define REPELLED 32

// Published form, pair selection (A.1): what the scales say of each pair i < j, and per row how many are mixed, always and never together.
__kernel void survey_pairs(
    int pixels, int scales, int words, constant_floats units, __global const ulong *identities, float hard_positive, float hard_negative,
    __global uchar *pairs, __global int *counts)
{
    const int item = get_global_id(0);
    const int i = item / pixels, j = item % pixels;
    if (i >= pixels || j <= i)
    {
        return;
    }

    int facts = ALL;
    for (int s = 0; s < scales; s++)
    {
        long a = (long)s * pixels + i, b = (long)s * pixels + j;
        float cosine = 0.0f;
        for (int c = 0; c < CHANNELS; c++)
        {
            cosine = fma(units[a * CHANNELS + c], units[b * CHANNELS + c], cosine);
        }

        if (together(identities, words, a, b))
        {
            facts |= ANY | (cosine < hard_positive ? HARD_POSITIVE : 0);
        }
        else
        {
            facts = (facts & ~ALL) | (cosine > hard_negative ? HARD_NEGATIVE : 0);
        }
    }

    pairs[(long)i * pixels + j] = (uchar)facts;
    atomic_inc(&counts[facts & ALL ? 1 : facts & ANY ? 0 : 2]);
}

ulong mixed_bits(ulong value)
{
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
    return value ^ (value >> 31);
}

// Which pairs count; keep: the shares of the pairs always and never together that are drawn.
__kernel void select_pairs(int pixels, ulong key, double keep_positive, double keep_negative, __global uchar *pairs, __global int *counts)
{
    const int item = get_global_id(0);
    const int i = item / pixels, j = item % pixels;
    if (i >= pixels || j <= i)
    {
        return;
    }

    const int facts = pairs[(long)i * pixels + j];
    const bool always = (facts & ALL) != 0, mixed = (facts & ANY) && !always;
    const double draw = (mixed_bits(key ^ ((ulong)i << 32 | (uint)j)) >> 11) * (1.0 / (1UL << 53));
    const bool drawn = draw < (always ? keep_positive : keep_negative);
    const bool attracted = mixed || (always && drawn) || (facts & HARD_POSITIVE);
    const bool repelled = mixed || (!(facts & ANY) && drawn) || (facts & HARD_NEGATIVE);
    const uchar selected = (uchar)((attracted ? ATTRACTED : 0) | (repelled ? REPELLED : 0));
    pairs[(long)i * pixels + j] = selected;
    pairs[(long)j * pixels + i] = selected;
    if (attracted)
    {
        atomic_inc(&counts[3]);
    }

    if (repelled)
    {
        atomic_inc(&counts[4]);
    }
}

// Published form. ratios, offset, factor: the weight of a pair.
__kernel void published_gradients(
    int pixels, int padded, int words, constant_floats units, __global const ulong *identities, __global const uchar *pairs,
    constant_floats ratios, float offset, float factor, float positive, float negative, floats gradients, floats losses)
{
    OVER_PAIRS(
        bool same = together(identities, words, own, (long)s * pixels + j);
        int selected = pairs[(long)i * pixels + j];
        float weight = fma(ratios[j] * factor, ratios[i], offset);
        if (same && (selected & ATTRACTED))
        {
            positive_loss -= weight * cosine * positive;
            slope = -weight * positive;
        }
        else if (!same && (selected & REPELLED) && cosine > 0.0f)
        {
            negative_loss += weight * cosine * negative;
            slope = weight * negative;
        })
}

// From the gradient of unit gated features to that of the ungated ones, in place, and of the gate by pixel.
__kernel void through_gate(
    int pixels, int scales, constant_floats rendered, constant_floats gates, constant_floats units, constant_floats inverse,
    floats gradients, floats gate_gradients)
{
    const int item = get_global_id(0);
    if (item >= pixels * scales)
    {
        return;
    }

    const int s = item / pixels, p = item % pixels;
    double along = 0.0;
    for (int c = 0; c < CHANNELS; c++)
    {
        along += gradients[(long)item * CHANNELS + c] * units[(long)item * CHANNELS + c];
    }

    for (int c = 0; c < CHANNELS; c++)
    {
        long at = (long)item * CHANNELS + c;
        float gated = (gradients[at] - (float)along * units[at]) * inverse[item];
        gate_gradients[at] = gated * rendered[p * CHANNELS + c];
        gradients[at] = gated * gates[s * CHANNELS + c];
    }
}

// ‖F‖ of each pixel.
__kernel void rendered_norms(int pixels, constant_floats rendered, __global double *norms)
{
    const int p = get_global_id(0);
    if (p >= pixels)
    {
        return;
    }

    double square = 0.0;
    for (int c = 0; c < CHANNELS; c++)
    {
        square += (double)rendered[p * CHANNELS + c] * rendered[p * CHANNELS + c];
    }

    norms[p] = sqrt(square);
}

// The three terms of the loss: Σ over scales and pixels, and (1 - mean‖F‖)² with its gap. One group.
__kernel __attribute__((reqd_work_group_size(256, 1, 1)))
void sum_losses(int pixels, int scales, constant_floats losses, __global const double *norms, __global double *terms)
{
    __local double sums[3][256];
    const int item = get_local_id(0);
    double positive = 0.0, negative = 0.0, norm = 0.0;
    for (int k = item; k < pixels * scales; k += 256)
    {
        positive += losses[2 * k];
        negative += losses[2 * k + 1];
    }

    for (int p = item; p < pixels; p += 256)
    {
        norm += norms[p];
    }

    sums[0][item] = positive;
    sums[1][item] = negative;
    sums[2][item] = norm;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item == 0)
    {
        for (int k = 1; k < 256; k++)
        {
            positive += sums[0][k];
            negative += sums[1][k];
            norm += sums[2][k];
        }

        double gap = 1.0 - norm / pixels;
        terms[0] = positive;
        terms[1] = negative;
        terms[2] = gap * gap;
        terms[3] = gap;
    }
}

// dL/dF.
__kernel void sum_scales(
    int pixels, int scales, constant_floats rendered, constant_floats gradients, __global const double *norms, __global const double *terms,
    floats feature_gradients)
{
    const int item = get_global_id(0);
    const int p = item / CHANNELS, c = item % CHANNELS;
    if (p >= pixels)
    {
        return;
    }

    double slope = norms[p] > 0.0 ? -2.0 * terms[3] / pixels / norms[p] : 0.0;
    float sum = (float)(slope * rendered[item]);
    for (int s = 0; s < scales; s++)
    {
        sum += gradients[((long)s * pixels + p) * CHANNELS + c];
    }

    feature_gradients[item] = sum;
}

float adam(float value, float gradient, floats first, floats second, float rate, float correction)
{
    float mean = *first * 0.9f + gradient * (1.0f - 0.9f);
    float square = *second * 0.999f + gradient * gradient * (1.0f - 0.999f);
    *first = mean;
    *second = square;
    return value - mean * rate / (sqrt(square) * correction + 1e-15f);
}

// gate: weight, bias, then the moments of both, [6, CHANNELS]. A group is a channel.
__kernel __attribute__((reqd_work_group_size(256, 1, 1)))
void update_gate(
    int pixels, int scales, __global const double *quantiles, constant_floats gates, constant_floats gate_gradients, float rate, float correction,
    floats gate)
{
    __local double weights[256];
    __local double biases[256];
    const int c = get_group_id(0);
    const int item = get_local_id(0);
    double weight = 0.0, bias = 0.0;
    for (int k = item; k < pixels * scales; k += 256)
    {
        int s = k / pixels;
        float g = gates[s * CHANNELS + c];
        double slope = (double)gate_gradients[(long)k * CHANNELS + c] * g * (1.0f - g);
        bias += slope;
        weight += slope * quantiles[s];
    }

    weights[item] = weight;
    biases[item] = bias;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item == 0)
    {
        for (int k = 1; k < 256; k++)
        {
            weight += weights[k];
            bias += biases[k];
        }

        gate[c] = adam(gate[c], (float)weight, gate + 2 * CHANNELS + c, gate + 3 * CHANNELS + c, rate, correction);
        gate[CHANNELS + c] = adam(gate[CHANNELS + c], (float)bias, gate + 4 * CHANNELS + c, gate + 5 * CHANNELS + c, rate, correction);
    }
}

// dL/dF back to the smoothed features.
__kernel void scatter_rows(
    int pixels, __global const int *row_starts, __global const int *indices, constant_floats weights, __global const int *slots,
    constant_floats feature_gradients, floats smooth_gradients)
{
    const int item = get_global_id(0);
    const int p = item / CHANNELS, c = item % CHANNELS;
    if (p >= pixels)
    {
        return;
    }

    const float slope = feature_gradients[item];
    for (int e = row_starts[p]; e < row_starts[p + 1]; e++)
    {
        add_to(&smooth_gradients[(long)slots[indices[e]] * CHANNELS + c], slope * weights[e]);
    }
}

// g·x/‖x‖ of rows: what a gradient has along its vector.
__kernel void along_rows(
    int most, __global const int *count, __global const int *numbers, constant_floats table, constant_floats inverse, constant_floats gradients,
    floats along)
{
    const int k = get_global_id(0);
    if (k >= most || k >= *count)
    {
        return;
    }

    constant_floats row = table + (long)(numbers ? numbers[k] : k) * CHANNELS;
    float sum = 0.0f;
    for (int c = 0; c < CHANNELS; c++)
    {
        sum = fma(gradients[(long)k * CHANNELS + c], row[c] * inverse[k], sum);
    }

    along[k] = sum;
}

// From the smoothed features to the neighbours' unit features. The mean's 1/count cancels in the normalisation.
__kernel void scatter_neighbors(
    int most, __global const int *blended_count, __global const int *blended, __global const int *neighbors, int neighbors_each,
    __global const int *ranks, int rank_count, __global const int *slots, constant_floats smooth, constant_floats smooth_inverse,
    constant_floats smooth_gradients, constant_floats along, floats gradients)
{
    const int item = get_global_id(0);
    const int k = item / CHANNELS, c = item % CHANNELS;
    if (k >= most || k >= *blended_count)
    {
        return;
    }

    const long at = (long)k * CHANNELS + c;
    const float slope = (smooth_gradients[at] - smooth[at] * smooth_inverse[k] * along[k]) * smooth_inverse[k];
    for (int r = 0; r < rank_count; r++)
    {
        int j = neighbors[(long)blended[k] * neighbors_each + ranks[r]];
        add_to(&gradients[(long)slots[j] * CHANNELS + c], slope);
    }
}

// Through the normalisation of the raw features, and Adam.
__kernel void update_features(
    int most, __global const int *count, __global const int *touched, constant_floats inverse, constant_floats along, constant_floats gradients,
    float rate, float correction, floats features, floats first, floats second)
{
    const int item = get_global_id(0);
    const int k = item / CHANNELS, c = item % CHANNELS;
    if (k >= most || k >= *count)
    {
        return;
    }

    const long at = (long)touched[k] * CHANNELS + c;
    const float gradient = (gradients[(long)k * CHANNELS + c] - features[at] * inverse[k] * along[k]) * inverse[k];
    features[at] = adam(features[at], gradient, first + at, second + at, rate, correction);
}
