// What a device has to do as the host does: products and sums rounded one by one unless fused on purpose, division and root to
// the nearest, small numbers kept. The host gives the numbers, so that no compiler computes them.
__kernel void probe_arithmetic(__global const float *a, __global const double *b, __global float *singles, __global double *doubles)
{
    singles[0] = a[0] * a[1] + a[2];
    singles[1] = a[2] - a[0] * a[1];
    singles[2] = fma(a[0], a[1], a[2]);
    singles[3] = a[0] / a[1];
    singles[4] = sqrt(a[0]);
    singles[5] = a[3] * a[4];
    singles[6] = a[3] * a[4] + a[5];
    singles[7] = (float)(int)a[6] * a[1];
    doubles[0] = b[0] * b[1] + b[2] * b[3] + b[4];
    doubles[1] = b[0] / b[1];
    doubles[2] = sqrt(b[0]);
}
