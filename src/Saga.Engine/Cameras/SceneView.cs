namespace Saga.Engine.Cameras;

/// <summary>A named camera of a scene. Views of a scene are sorted by <see cref="Name"/>, ordinal.</summary>
/// <param name="Name">The photo's name without folder and extension; masks and photos are matched to views by it.</param>
/// <param name="Camera">The camera.</param>
/// <param name="ImageFileName">The photo's file name as the camera file gives it, with extension if it has one.</param>
public sealed record SceneView(string Name, PinholeCamera Camera, string ImageFileName);
