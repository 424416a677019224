using Saga.Engine.Cameras;
using Saga.Engine.Compute;
using Saga.Engine.Rasterization.OpenCl;
using Saga.Engine.Scenes;

namespace Saga.Engine.Rasterization;

/// <summary>Draws on a compute device while it has room and is not lost, else on the CPU: the same rows either way.</summary>
public sealed class FallbackRasterizer : IRasterizer
{
    private readonly DeviceShare<OpenClRasterizer> _device;
    private readonly Lazy<CpuRasterizer> _cpu;

    /// <summary>Prepares a scene; the CPU's part is made when it is needed first.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="device">The device; it outlives this.</param>
    /// <param name="maxThreads">Threads used at most by one call on the CPU; 0 for all cores.</param>
    /// <param name="failed">Told when the CPU had to take over.</param>
    public FallbackRasterizer(GaussianScene scene, ComputeDevice device, int maxThreads, Action<ComputeException>? failed)
    {
        _device = new DeviceShare<OpenClRasterizer>(
            device, scene.Count * DeviceTiles.BytesPerGaussian, () => new OpenClRasterizer(scene, device), failed);
        _cpu = new Lazy<CpuRasterizer>(() => new CpuRasterizer(scene, maxThreads));
    }

    /// <inheritdoc/>
    public long ByteCount => _cpu.IsValueCreated ? _cpu.Value.ByteCount : 0;

    /// <inheritdoc/>
    public RenderedImage Render(PinholeCamera camera, RenderOptions options, CancellationToken cancellationToken)
    {
        RenderedImage? image = null;
        return _device.TryUse(device => image = device.Render(camera, options, cancellationToken)) && image is not null
            ? image
            : _cpu.Value.Render(camera, options, cancellationToken);
    }

    /// <inheritdoc/>
    public SparsePixelRows PixelRows(PinholeCamera camera, ReadOnlySpan<PixelPosition> pixels, CancellationToken cancellationToken)
    {
        PixelPosition[] positions = pixels.ToArray();
        SparsePixelRows? rows = null;
        return _device.TryUse(device => rows = device.PixelRows(camera, positions, cancellationToken)) && rows is not null
            ? rows
            : _cpu.Value.PixelRows(camera, positions, cancellationToken);
    }

    /// <summary>Gives the device's memory back.</summary>
    public void LeaveDevice() => _device.Release();
}
