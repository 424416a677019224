// The sparse rows of positions (PixelRowKernel): first how long they are, then what is in them. A group is a position: its items
// compute the α of as many entries side by side, and the first item walks those that count.

#define ROW_GROUP 64

int tile_of(float2 position, int columns, int rows)
{
    int column = min((int)position.x / TILE, columns - 1);
    int row = min((int)position.y / TILE, rows - 1);
    return row * columns + column;
}

__kernel __attribute__((reqd_work_group_size(ROW_GROUP, 1, 1)))
void count_rows(
    __global const float2 *positions, int columns, int rows, __global const ulong *starts, __global const ulong *entries,
    __global const projected_t *projected, __global int *counts, __global float *alphas, __global float *depths)
{
    __local float alpha[ROW_GROUP];
    __local float distances[ROW_GROUP];
    __local int ended;
    const int p = get_group_id(0);
    const int item = get_local_id(0);
    const float2 position = positions[p];
    const int tile = tile_of(position, columns, rows);
    const ulong end = starts[tile + 1];
    float transmittance = 1.0f;
    float distance = 0.0f;
    int length = 0;
    if (item == 0)
    {
        ended = 0;
    }

    barrier(CLK_LOCAL_MEM_FENCE);
    for (ulong first = starts[tile]; first < end && !ended; first += ROW_GROUP)
    {
        const int some = (int)min(end - first, (ulong)ROW_GROUP);
        if (item < some)
        {
            const projected_t g = projected[(uint)entries[first + item]];
            alpha[item] = alpha_at(g, position.x, position.y);
            distances[item] = g.depth;
        }

        barrier(CLK_LOCAL_MEM_FENCE);
        for (int k = 0; k < some && item == 0 && !ended; k++)
        {
            float a = alpha[k];
            float next = transmittance * (1.0f - a);
            if (a == 0.0f)
            {
                continue;
            }

            if (next < MIN_TRANSMITTANCE)
            {
                ended = 1;
                break;
            }

            distance = fma(a * transmittance, distances[k], distance);
            transmittance = next;
            length++;
        }

        barrier(CLK_LOCAL_MEM_FENCE);
    }

    if (item == 0)
    {
        float coverage = 1.0f - transmittance;
        counts[p] = length;
        alphas[p] = coverage;
        depths[p] = coverage >= MIN_DEPTH_COVERAGE ? distance / coverage : 0.0f;
    }
}

__kernel __attribute__((reqd_work_group_size(ROW_GROUP, 1, 1)))
void fill_rows(
    __global const float2 *positions, int columns, int rows, __global const ulong *starts, __global const ulong *entries,
    __global const projected_t *projected, __global const ulong *row_starts, __global int *indices, __global float *weights)
{
    __local float alpha[ROW_GROUP];
    __local int gaussians[ROW_GROUP];
    __local int full;
    const int p = get_group_id(0);
    const int item = get_local_id(0);
    const float2 position = positions[p];
    const int tile = tile_of(position, columns, rows);
    const ulong end = starts[tile + 1];
    const ulong row_end = row_starts[p + 1];
    ulong to = row_starts[p];
    float transmittance = 1.0f;
    if (item == 0)
    {
        full = to == row_end;
    }

    barrier(CLK_LOCAL_MEM_FENCE);
    for (ulong first = starts[tile]; first < end && !full; first += ROW_GROUP)
    {
        const int some = (int)min(end - first, (ulong)ROW_GROUP);
        if (item < some)
        {
            const projected_t g = projected[(uint)entries[first + item]];
            alpha[item] = alpha_at(g, position.x, position.y);
            gaussians[item] = g.index;
        }

        barrier(CLK_LOCAL_MEM_FENCE);
        for (int k = 0; k < some && item == 0 && !full; k++)
        {
            float a = alpha[k];
            if (a != 0.0f)
            {
                indices[to] = gaussians[k];
                weights[to++] = a * transmittance;
                transmittance = transmittance * (1.0f - a);
                full = to == row_end;
            }
        }

        barrier(CLK_LOCAL_MEM_FENCE);
    }
}
