using Saga.Engine.Rasterization.Cpu;

namespace Saga.Benchmarks.Sharding;

/// <summary>First answer of a shard: what it has on a ray.</summary>
/// <param name="Gaussians">Projected, in engine order, by index of the whole scene.</param>
/// <param name="Features">Their features, [gaussians, channels], exactly as they are stored.</param>
internal sealed record RayPart(ProjectedGaussian[] Gaussians, float[] Features)
{
    private const int ProjectedBytes = 32;

    // A feature is stored in 16 bits a channel and its step, which is all that has to travel.
    private const int StoredChannelBytes = 2;
    private const int StepBytes = 2;

    /// <summary>Bytes that travel, without headers.</summary>
    public int WireBytes => Gaussians.Length * (ProjectedBytes + StepBytes) + StoredChannelBytes * Features.Length;
}
