namespace Saga.Engine.Scenes;

/// <summary>Something about an input that its owner should know and that did not stop the work.</summary>
/// <param name="Code">Stable and machine-readable, e.g. <c>gaussians-ignored</c>.</param>
/// <param name="Detail">One sentence for people: what was found and what was done about it.</param>
public sealed record SceneProblem(string Code, string Detail);
