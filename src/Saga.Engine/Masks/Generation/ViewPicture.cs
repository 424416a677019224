using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Rasterization;

namespace Saga.Engine.Masks.Generation;

/// <summary>What there is to see in one view, all at one resolution.</summary>
/// <param name="Photo">The photo, or where there is none the scene's own rendering; [height, width, 3].</param>
/// <param name="Rendering">Depth and alpha of the scene (its other pictures may be empty), of the photo's size.</param>
/// <param name="Camera">The view's camera, scaled to the photo's size.</param>
public sealed record ViewPicture(RgbImage Photo, RenderedImage Rendering, PinholeCamera Camera);
