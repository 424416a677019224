using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation;
using Saga.Worker.Masks;

namespace Saga.Worker.Tests.Masks;

/// <summary>
/// A generator whose masks are known: the surface of the scene in three upright bands, and as a whole. It takes its time, so that a
/// test can come in between.
/// </summary>
internal sealed class BandGenerator(TimeSpan perView) : IMaskGenerator
{
    private const int Bands = 3;

    /// <summary>For workers of tests: quick as the built-in generator, and one that never ends in place of SAM.</summary>
    public static MaskGenerators ForTests { get; } = new(
        new MaskGeneratorSource("builtin", 1, _ => new BandGenerator(TimeSpan.FromMilliseconds(300))),
        () => new MaskGeneratorSource("sam", 2, _ => new BandGenerator(Timeout.InfiniteTimeSpan)));

    public string Fingerprint => "bands-1";

    public int UsefulSide => 160;

    public IReadOnlyList<BinaryMask> Generate(ViewPicture picture, CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne(perView);
        cancellationToken.ThrowIfCancellationRequested();
        int width = picture.Photo.Width;
        int height = picture.Photo.Height;
        Assert.Equal((width, height), (picture.Rendering.Width, picture.Rendering.Height));
        Assert.Equal((width, height), (picture.Camera.Width, picture.Camera.Height));
        return [.. Enumerable.Range(-1, Bands + 1)
            .Select(band => BinaryMask.FromPixels(
                width, height, [.. picture.Rendering.Alpha.Select((alpha, i) => alpha > 0.5f && (band < 0 || Bands * (i % width) / width == band) ? (byte)1 : (byte)0)]))
            .Where(mask => mask.Area > 0)];
    }

    public void Dispose()
    {
    }
}
