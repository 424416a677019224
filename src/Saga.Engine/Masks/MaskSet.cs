using Saga.Engine.Scenes;

namespace Saga.Engine.Masks;

/// <summary>The masks of a scene.</summary>
/// <param name="Views">One per view of the scene, in the views' order; each mask is at its view's resolution. Views without masks have an empty list.</param>
/// <param name="Problems">What was left out of the files, for the scene's owner.</param>
public sealed record MaskSet(IReadOnlyList<ViewMasks> Views, IReadOnlyList<SceneProblem> Problems)
{
    /// <summary>Number of masks of all views.</summary>
    public int MaskCount => Views.Sum(view => view.Masks.Count);
}
