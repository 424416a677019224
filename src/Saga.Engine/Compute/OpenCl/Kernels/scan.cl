// Sums before each element: starts[i] = Σ counts[0..i), starts[n] the whole, starts[n + 1] the greatest count. One group; each item
// takes a run of elements.
__kernel __attribute__((reqd_work_group_size(256, 1, 1)))
void scan_counts(__global const int *counts, int n, __global ulong *starts)
{
    __local ulong sums[256];
    __local int greatest[256];
    const int item = get_local_id(0);
    const int run = (n + 255) / 256;
    const int first = min(item * run, n);
    const int end = min(first + run, n);
    ulong sum = 0;
    int most = 0;
    for (int i = first; i < end; i++)
    {
        sum += (ulong)counts[i];
        most = max(most, counts[i]);
    }

    sums[item] = sum;
    greatest[item] = most;
    barrier(CLK_LOCAL_MEM_FENCE);
    ulong before = 0;
    for (int i = 0; i < item; i++)
    {
        before += sums[i];
        most = max(most, greatest[i]);
    }

    for (int i = first; i < end; i++)
    {
        starts[i] = before;
        before += (ulong)counts[i];
    }

    if (item == 255)
    {
        starts[n] = before;
        starts[n + 1] = (ulong)most;
    }
}
