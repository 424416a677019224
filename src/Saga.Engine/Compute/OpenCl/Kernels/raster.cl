// Projection, tiles and blending: operation for operation the CPU's ProjectKernel, EllipseTiles and BlendTileKernel, so that
// weights agree with theirs bit for bit. One work item is one Gaussian, then one pixel.

typedef struct
{
    double r[9];
    double t[3];
    double focal_x, focal_y, center_x, center_y;
    float rf[9];
    float focal_xf, focal_yf, max_slope_x, max_slope_y;
    float region_left, region_top, region_right, region_bottom;
    int left, top, right, bottom;
    int columns;
} camera_t;

typedef struct
{
    float mean_x, mean_y, whiten_xx, whiten_xy, whiten_yy, log2_opacity, depth;
    int index;
} projected_t;

// 2^x (VectorExp).
float exp2_of(float x)
{
    const float magic = 12582912.0f;
    float shifted = x + magic;
    float f = x - (shifted - magic);
    float p = 0.000154035304f;
    p = fma(p, f, 0.00133335581f);
    p = fma(p, f, 0.00961812911f);
    p = fma(p, f, 0.0555041087f);
    p = fma(p, f, 0.240226507f);
    p = fma(p, f, 0.693147181f);
    p = fma(p, f, 1.0f);
    return as_float(as_int(p) + (as_int(shifted) << 23));
}

// The α of a Gaussian at a position, or 0 where it does not count.
float alpha_at(const projected_t g, float x, float y)
{
    float dy = y - g.mean_y;
    float r = g.whiten_yy * dy;
    float px = g.whiten_xx * (x - g.mean_x);
    float p = fma(g.whiten_xy, dy, px);
    float q = fma(p, p, r * r);
    if (!(g.log2_opacity + EXPONENT_MARGIN >= q))
    {
        return 0.0f;
    }

    float alpha = fmin(exp2_of(g.log2_opacity - q), MAX_ALPHA);
    return alpha >= MIN_ALPHA ? alpha : 0.0f;
}

// x of the ellipse's right (side 1) or left (-1) edge at a height above the mean.
double ellipse_edge(const projected_t g, double max_exponent, double inverse_xx, double dy, double side)
{
    double r = g.whiten_yy * dy;
    double half_chord = sqrt(fmax(max_exponent - r * r, 0.0));
    return g.mean_x + (side * half_chord - g.whiten_xy * dy) * inverse_xx;
}

// The columns of tiles that the ellipse touches in a row of tiles; x > y for none.
int2 tiles_of_row(const projected_t g, ushort4 box, int row)
{
    const double margin = 0.01;
    if (box.y == box.w || box.x == box.z)
    {
        return (int2)(box.x, box.z);
    }

    double max_exponent = g.log2_opacity + EXPONENT_MARGIN;
    double tilt = g.whiten_xy / (double)g.whiten_yy;
    double half_height = sqrt(max_exponent) / g.whiten_yy;
    double rightmost = -half_height * tilt / sqrt(1.0 + tilt * tilt);
    double inverse_xx = 1.0 / g.whiten_xx;
    double band_top = row * TILE - (double)g.mean_y;
    double low = fmax(band_top - margin, -half_height);
    double high = fmin(band_top + TILE + margin, half_height);
    if (low > high)
    {
        return (int2)(1, 0);
    }

    double right = ellipse_edge(g, max_exponent, inverse_xx, fmin(fmax(rightmost, low), high), 1.0);
    double left = ellipse_edge(g, max_exponent, inverse_xx, fmin(fmax(-rightmost, low), high), -1.0);

    // Clamped before they are whole numbers: edges may lie further away than those reach.
    return (int2)(
        (int)fmin(fmax((double)box.x, floor((left - margin) / TILE)), box.z + 1.0),
        (int)fmax(fmin((double)box.z, floor((right + margin) / TILE)), box.x - 1.0));
}

float tile_index(float pixel, int first, int last)
{
    return fmin(fmax(floor(pixel * (1.0f / TILE)), (float)first), (float)last);
}

// Projects each Gaussian and counts it in the tiles that it touches. A box with left > right is that of a Gaussian not seen.
__kernel void project_gaussians(
    __global const float *planes, int padded, int count, __global const camera_t *cameras, __global const uchar *wanted,
    __global projected_t *projected, __global ushort4 *boxes, __global int *counts)
{
    const int i = get_global_id(0);
    if (i >= count)
    {
        return;
    }

    boxes[i] = (ushort4)(1, 0, 0, 0);
    __global const camera_t *c = cameras;
    const float log2_opacity = planes[12 * padded + i];
    const float max_exponent = log2_opacity + EXPONENT_MARGIN;
    const double x = planes[i], y = planes[padded + i], z = planes[2 * padded + i];
    const double depth64 = x * c->r[6] + y * c->r[7] + z * c->r[8] + c->t[2];
    if (!(depth64 > NEAR_PLANE) || !(max_exponent > 0.0f))
    {
        return;
    }

    const double slope_x64 = (x * c->r[0] + y * c->r[1] + z * c->r[2] + c->t[0]) / depth64;
    const double slope_y64 = (x * c->r[3] + y * c->r[4] + z * c->r[5] + c->t[1]) / depth64;
    const float mean_x = (float)(slope_x64 * c->focal_x + c->center_x);
    const float mean_y = (float)(slope_y64 * c->focal_y + c->center_y);
    const float depth = (float)depth64;
    const float slope_x = fmin(fmax((float)slope_x64, -c->max_slope_x), c->max_slope_x);
    const float slope_y = fmin(fmax((float)slope_y64, -c->max_slope_y), c->max_slope_y);

    const float scale_x = c->focal_xf / depth;
    const float scale_y = c->focal_yf / depth;
    float u[3], v[3];
    const float ax0 = scale_x * (c->rf[0] - slope_x * c->rf[6]);
    const float ax1 = scale_x * (c->rf[1] - slope_x * c->rf[7]);
    const float ax2 = scale_x * (c->rf[2] - slope_x * c->rf[8]);
    const float ay0 = scale_y * (c->rf[3] - slope_y * c->rf[6]);
    const float ay1 = scale_y * (c->rf[4] - slope_y * c->rf[7]);
    const float ay2 = scale_y * (c->rf[5] - slope_y * c->rf[8]);
    for (int axis = 0; axis < 3; axis++)
    {
        float m0 = planes[(3 + axis) * padded + i];
        float m1 = planes[(6 + axis) * padded + i];
        float m2 = planes[(9 + axis) * padded + i];
        u[axis] = ax0 * m0 + ax1 * m1 + ax2 * m2;
        v[axis] = ay0 * m0 + ay1 * m1 + ay2 * m2;
    }

    const float uu = u[0] * u[0] + u[1] * u[1] + u[2] * u[2];
    const float vv = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
    const float uv = u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
    const float variance_y = vv + DILATION;
    const float inverse_deviation_y = 1.0f / sqrt(variance_y);
    const float cross0 = (u[1] * v[2] - u[2] * v[1]) * inverse_deviation_y;
    const float cross1 = (u[2] * v[0] - u[0] * v[2]) * inverse_deviation_y;
    const float cross2 = (u[0] * v[1] - u[1] * v[0]) * inverse_deviation_y;
    const float variance_x = cross0 * cross0 + cross1 * cross1 + cross2 * cross2 + DILATION * (uu + variance_y) / variance_y;
    const float whiten_xx = ROOT_HALF_LOG2_E / sqrt(variance_x);
    const float whiten_xy = -(uv / variance_y) * whiten_xx;
    const float whiten_yy = ROOT_HALF_LOG2_E * inverse_deviation_y;

    const float reach = sqrt(max_exponent / HALF_LOG2_E);
    const float half_width = reach * sqrt(uu + DILATION) + BOX_MARGIN_PIXELS;
    const float half_height = reach * sqrt(variance_y) + BOX_MARGIN_PIXELS;
    const float left = mean_x - half_width, right = mean_x + half_width;
    const float top = mean_y - half_height, bottom = mean_y + half_height;

    // Comparisons with NaN are false, so a Gaussian whose ellipse is not finite drops out here.
    if (!(fabs(mean_x) < INFINITY && fabs(mean_y) < INFINITY && whiten_xx > 0.0f && whiten_xx < INFINITY
        && fabs(whiten_xy) < INFINITY && whiten_yy > 0.0f && right >= c->region_left && left <= c->region_right
        && bottom >= c->region_top && top <= c->region_bottom))
    {
        return;
    }

    projected_t g;
    g.mean_x = mean_x;
    g.mean_y = mean_y;
    g.whiten_xx = whiten_xx;
    g.whiten_xy = whiten_xy;
    g.whiten_yy = whiten_yy;
    g.log2_opacity = log2_opacity;
    g.depth = depth;
    g.index = i;
    ushort4 box = (ushort4)(
        (ushort)tile_index(left, c->left, c->right), (ushort)tile_index(top, c->top, c->bottom),
        (ushort)tile_index(right, c->left, c->right), (ushort)tile_index(bottom, c->top, c->bottom));
    projected[i] = g;
    boxes[i] = box;
    for (int row = box.y; row <= box.w; row++)
    {
        int2 span = tiles_of_row(g, box, row);
        for (int tile = row * c->columns + span.x; tile <= row * c->columns + span.y; tile++)
        {
            if (!wanted || wanted[tile])
            {
                atomic_inc(&counts[tile]);
            }
        }
    }
}

// Puts each Gaussian into the lists of its tiles, from one tile on; counts go down to 0. Entries order by depth, then by index.
__kernel void fill_tiles(
    int count, int columns, __global const uchar *wanted, __global const projected_t *projected, __global const ushort4 *boxes,
    __global const ulong *starts, int first_tile, int end_tile, __global int *counts, __global ulong *entries)
{
    const int i = get_global_id(0);
    if (i >= count || boxes[i].x > boxes[i].z)
    {
        return;
    }

    const ushort4 box = boxes[i];
    const projected_t g = projected[i];
    const ulong entry = ((ulong)as_uint(g.depth) << 32) | (uint)i;
    for (int row = box.y; row <= box.w; row++)
    {
        int2 span = tiles_of_row(g, box, row);
        int end = min(row * columns + span.y, end_tile - 1);
        for (int tile = max(row * columns + span.x, first_tile); tile <= end; tile++)
        {
            if (!wanted || wanted[tile])
            {
                entries[starts[tile] - starts[first_tile] + (ulong)(atomic_dec(&counts[tile]) - 1)] = entry;
            }
        }
    }
}

#define SORTED_LOCALLY 2048

// Bitonic, for any length: elements past the end count as greater than all. k and j are powers of two.
#define SORT(keys, n) \
    for (uint k = 2; k < 2 * (n); k <<= 1) \
    { \
        for (uint pair = item; pair < (((n) + k - 1) & ~(k - 1)) / 2; pair += items) \
        { \
            uint within = pair & (k / 2 - 1); \
            uint a = 2 * (pair - within) + within; \
            uint b = 2 * (pair - within) + k - 1 - within; \
            if (b < (n) && keys[a] > keys[b]) { ulong t = keys[a]; keys[a] = keys[b]; keys[b] = t; } \
        } \
        barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE); \
        for (uint j = k / 4; j > 0; j >>= 1) \
        { \
            for (uint pair = item; pair < (((n) + 2 * j - 1) & ~(2 * j - 1)) / 2; pair += items) \
            { \
                uint within = pair & (j - 1); \
                uint a = 2 * (pair - within) + within; \
                if (a + j < (n) && keys[a] > keys[a + j]) { ulong t = keys[a]; keys[a] = keys[a + j]; keys[a + j] = t; } \
            } \
            barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE); \
        } \
    }

// Sorts the list of one tile, nearest first; a group each.
__kernel __attribute__((reqd_work_group_size(64, 1, 1)))
void sort_tiles(__global const ulong *starts, int first_tile, __global ulong *entries)
{
    __local ulong near[SORTED_LOCALLY];
    const int tile = first_tile + get_group_id(0);
    const uint item = get_local_id(0);
    const uint items = 64;
    const uint n = (uint)(starts[tile + 1] - starts[tile]);
    __global ulong *list = entries + (starts[tile] - starts[first_tile]);
    if (n <= SORTED_LOCALLY)
    {
        for (uint k = item; k < n; k += items)
        {
            near[k] = list[k];
        }

        barrier(CLK_LOCAL_MEM_FENCE);
        SORT(near, n)
        for (uint k = item; k < n; k += items)
        {
            list[k] = near[k];
        }
    }
    else
    {
        SORT(list, n)
    }
}

#define STAGED 64
#define CHANNELS 8

// Blends the tiles front to back; a group is a tile, an item one of its pixels. Values: colour, depth, up to eight channels.
__kernel __attribute__((reqd_work_group_size(256, 1, 1)))
void blend_tiles(
    __global const ulong *starts, int first_tile, __global const ulong *entries, __global const projected_t *projected,
    __global const float4 *colors, __global const float *features, int channels, int first_channel, int columns, int width, int height,
    float background_r, float background_g, float background_b,
    __global float *color, __global float *depth, __global float *alpha, __global float *feature)
{
    __local projected_t staged[STAGED];
    __local int live;
    const int tile = first_tile + get_group_id(0);
    const int item = get_local_id(0);
    const int column = tile % columns * TILE + item % TILE;
    const int row = tile / columns * TILE + item / TILE;
    const bool inside = column < width && row < height;
    const float x = (float)(tile % columns * TILE + item % TILE + 0.5f);
    const float y = (float)(tile / columns * TILE + item / TILE + 0.5f);
    const uint n = (uint)(starts[tile + 1] - starts[tile]);
    __global const ulong *list = entries + (starts[tile] - starts[first_tile]);
    float transmittance = 1.0f;
    float red = 0.0f, green = 0.0f, blue = 0.0f, distance = 0.0f;
    float sums[CHANNELS];
    for (int c = 0; c < CHANNELS; c++)
    {
        sums[c] = 0.0f;
    }

    const int blended = min(channels - first_channel, CHANNELS);
    bool ended = !inside;
    if (item == 0)
    {
        live = 1;
    }

    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint first = 0; first < n && live > 0; first += STAGED)
    {
        const uint some = min(n - first, (uint)STAGED);
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item == 0)
        {
            live = 0;
        }

        if ((uint)item < some)
        {
            staged[item] = projected[(uint)list[first + item]];
        }

        barrier(CLK_LOCAL_MEM_FENCE);
        for (uint k = 0; k < some && !ended; k++)
        {
            const projected_t g = staged[k];
            float a = alpha_at(g, x, y);
            if (a == 0.0f)
            {
                continue;
            }

            float next = transmittance * (1.0f - a);
            if (next < MIN_TRANSMITTANCE)
            {
                ended = true;
                break;
            }

            float weight = a * transmittance;
            if (colors)
            {
                float4 value = colors[g.index];
                red = fma(weight, value.x, red);
                green = fma(weight, value.y, green);
                blue = fma(weight, value.z, blue);
            }

            distance = fma(weight, g.depth, distance);
            for (int c = 0; c < blended; c++)
            {
                sums[c] = fma(weight, features[(long)g.index * channels + first_channel + c], sums[c]);
            }

            transmittance = next;
        }

        if (!ended)
        {
            live = 1;
        }

        barrier(CLK_LOCAL_MEM_FENCE);
    }

    if (!inside)
    {
        return;
    }

    const long to = (long)row * width + column;
    const float coverage = 1.0f - transmittance;
    if (alpha)
    {
        alpha[to] = coverage;
    }

    if (color)
    {
        color[3 * to] = red + transmittance * background_r;
        color[3 * to + 1] = green + transmittance * background_g;
        color[3 * to + 2] = blue + transmittance * background_b;
    }

    if (depth)
    {
        depth[to] = coverage >= MIN_DEPTH_COVERAGE ? distance / coverage : 0.0f;
    }

    for (int c = 0; c < blended; c++)
    {
        feature[to * channels + first_channel + c] = sums[c];
    }
}

// The view-dependent colour of each Gaussian that is seen (SphericalHarmonicsKernel).
__kernel void evaluate_colors(
    int count, int degree, double center_x, double center_y, double center_z, __global const float *planes, int padded,
    __global const float *coefficients, __global const ushort4 *boxes, __global float4 *colors)
{
    const int i = get_global_id(0);
    if (i >= count || boxes[i].x > boxes[i].z)
    {
        return;
    }

    const double dx = planes[i] - center_x, dy = planes[padded + i] - center_y, dz = planes[2 * padded + i] - center_z;
    const double inverse = 1.0 / sqrt(dx * dx + dy * dy + dz * dz);
    const float x = (float)(dx * inverse), y = (float)(dy * inverse), z = (float)(dz * inverse);
    const float xx = x * x, yy = y * y, zz = z * z;
    float b[16];
    b[0] = 0.282094792f;
    b[1] = -0.488602512f * y;
    b[2] = 0.488602512f * z;
    b[3] = -0.488602512f * x;
    b[4] = 1.09254843f * x * y;
    b[5] = -1.09254843f * y * z;
    b[6] = 0.315391565f * (2 * zz - xx - yy);
    b[7] = -1.09254843f * x * z;
    b[8] = 0.546274215f * (xx - yy);
    b[9] = -0.590043590f * y * (3 * xx - yy);
    b[10] = 2.89061144f * x * y * z;
    b[11] = -0.457045799f * y * (4 * zz - xx - yy);
    b[12] = 0.373176333f * z * (2 * zz - 3 * xx - 3 * yy);
    b[13] = -0.457045799f * x * (4 * zz - xx - yy);
    b[14] = 1.44530572f * z * (xx - yy);
    b[15] = -0.590043590f * x * (xx - 3 * yy);
    const int terms = (degree + 1) * (degree + 1);
    __global const float *own = coefficients + (long)i * 3 * terms;
    float sum[3];
    for (int c = 0; c < 3; c++)
    {
        sum[c] = 0.5f;
        for (int k = 0; k < terms; k++)
        {
            sum[c] += own[3 * k + c] * b[k];
        }

        // fmax takes the number where the other is none: such a coefficient shows as black and spoils nothing else.
        sum[c] = fmax(sum[c], 0.0f);
    }

    colors[i] = (float4)(sum[0], sum[1], sum[2], 0.0f);
}
