using Saga.Engine.Cameras.Lenses;

namespace Saga.Engine.Cameras;

/// <summary>A named camera of a scene. Views of a scene are sorted by <see cref="Name"/>, ordinal.</summary>
/// <param name="Name">The photo's name without folder and extension; masks and photos are matched to views by it.</param>
/// <param name="Camera">The camera: always a pinhole. Of a distorted photo it is the one that the photo is straightened to.</param>
/// <param name="ImageFileName">The photo's file name as the camera file gives it, with extension if it has one.</param>
/// <param name="Lens">What took the photo when that was no pinhole; photos and uploaded masks are straightened with it. Else null.</param>
public sealed record SceneView(string Name, PinholeCamera Camera, string ImageFileName, CameraLens? Lens = null);
