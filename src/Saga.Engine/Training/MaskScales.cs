using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Engine.Training;

/// <summary>The mask scales of a scene, measured as a training measures them, for models that came without.</summary>
public static class MaskScales
{
    /// <summary>Renders each view's depth, measures its masks, and maps their scales to 0…1.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="views">Its views.</param>
    /// <param name="masks">Their masks.</param>
    /// <param name="cancellationToken">Stops between views.</param>
    /// <exception cref="InvalidMaskException">No view has a usable mask.</exception>
    public static ScaleQuantiles Measure(
        GaussianScene scene, IReadOnlyList<SceneView> views, MaskSet masks, CancellationToken cancellationToken) =>
        TrainingData.Measure(views, masks.Views, new CpuRasterizer(scene), Environment.ProcessorCount, _ => { }, cancellationToken).Quantiles;
}
