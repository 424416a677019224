// The sparse rows of positions (PixelRowKernel): first how long they are, then what is in them.

int tile_of(float2 position, int columns, int rows)
{
    int column = min((int)position.x / TILE, columns - 1);
    int row = min((int)position.y / TILE, rows - 1);
    return row * columns + column;
}

__kernel void count_rows(
    __global const float2 *positions, int n, int columns, int rows, __global const ulong *starts, __global const ulong *entries,
    __global const projected_t *projected, __global int *counts, __global float *alphas, __global float *depths)
{
    const int p = get_global_id(0);
    if (p >= n)
    {
        return;
    }

    const int tile = tile_of(positions[p], columns, rows);
    float transmittance = 1.0f;
    float distance = 0.0f;
    int length = 0;
    for (ulong k = starts[tile]; k < starts[tile + 1]; k++)
    {
        const projected_t g = projected[(uint)entries[k]];
        float a = alpha_at(g, positions[p].x, positions[p].y);
        if (a == 0.0f)
        {
            continue;
        }

        float next = transmittance * (1.0f - a);
        if (next < MIN_TRANSMITTANCE)
        {
            break;
        }

        distance = fma(a * transmittance, g.depth, distance);
        transmittance = next;
        length++;
    }

    float coverage = 1.0f - transmittance;
    counts[p] = length;
    alphas[p] = coverage;
    depths[p] = coverage >= MIN_DEPTH_COVERAGE ? distance / coverage : 0.0f;
}

__kernel void fill_rows(
    __global const float2 *positions, int n, int columns, int rows, __global const ulong *starts, __global const ulong *entries,
    __global const projected_t *projected, __global const ulong *row_starts, __global int *indices, __global float *weights)
{
    const int p = get_global_id(0);
    if (p >= n)
    {
        return;
    }

    const int tile = tile_of(positions[p], columns, rows);
    float transmittance = 1.0f;
    ulong to = row_starts[p];
    const ulong end = row_starts[p + 1];
    for (ulong k = starts[tile]; k < starts[tile + 1] && to < end; k++)
    {
        const projected_t g = projected[(uint)entries[k]];
        float a = alpha_at(g, positions[p].x, positions[p].y);
        if (a != 0.0f)
        {
            indices[to] = g.index;
            weights[to++] = a * transmittance;
            transmittance = transmittance * (1.0f - a);
        }
    }
}
