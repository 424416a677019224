using Saga.Engine.Cameras;
using Saga.Engine.Images;

namespace Saga.Engine.Masks;

/// <summary>Straightens masks of a distorted photo: a pixel takes the value of the photo's pixel that it shows.</summary>
/// <remarks>The map is computed once and serves all masks of one size; it takes 4 bytes per pixel of the view.</remarks>
internal sealed class MaskStraightening
{
    private readonly SceneView _view;
    private readonly int _width;
    private readonly int _height;
    private readonly int[] _sources;

    /// <param name="view">A view with a lens.</param>
    /// <param name="width">Pixels across of the masks.</param>
    /// <param name="height">Pixels down of the masks.</param>
    public MaskStraightening(SceneView view, int width, int height)
    {
        _view = view;
        _width = width;
        _height = height;
        PinholeCamera camera = view.Camera;
        _sources = new int[camera.Width * camera.Height];
        Parallel.For(0, camera.Height, row =>
        {
            for (int column = 0; column < camera.Width; column++)
            {
                (double u, double v) = Resampling.PositionIn(view, (column + 0.5) / camera.Width, (row + 0.5) / camera.Height);
                int x = Math.Clamp((int)(u * width), 0, width - 1);
                int y = Math.Clamp((int)(v * height), 0, height - 1);
                _sources[row * camera.Width + column] = y * width + x;
            }
        });
    }

    /// <summary>True when the map is for masks of this size.</summary>
    public bool IsFor(BinaryMask mask) => mask.Width == _width && mask.Height == _height;

    /// <summary>The mask at the view's resolution; may be empty where only the border of the photo was set.</summary>
    public BinaryMask Apply(BinaryMask mask)
    {
        byte[] photo = new byte[mask.Width * mask.Height];
        mask.Decode(photo);
        byte[] straight = new byte[_sources.Length];
        for (int i = 0; i < straight.Length; i++)
        {
            straight[i] = photo[_sources[i]];
        }

        return BinaryMask.FromPixels(_view.Camera.Width, _view.Camera.Height, straight);
    }
}
