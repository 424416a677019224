using Saga.Cli.Evaluation;
using Saga.Cli.Evaluation.Protocols;
using Saga.Cli.Service;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Training;
using Saga.Tests;

namespace Saga.Cli.Tests.Evaluation.Protocols;

/// <summary>The sample after a short training, once for all protocols.</summary>
public sealed class TrainedPlayroom
{
    private const int Iterations = 150;

    public TrainedPlayroom()
    {
        Labels = LabeledScene.Load(SharedData.Playroom());
        (Scene, Views, Masks) = EngineEvaluation.ReadInputs(SceneFolder.Open(SharedData.Playroom()), CancellationToken.None);
        using var trainer = new AffinityTrainer(Scene, Views, Masks.Views, AffinityTrainingOptions.Balanced with { Iterations = Iterations });
        Model = trainer.Run();
        Segmenter = new PromptSegmenter(Scene, Model);
        Rasterizer = new CpuRasterizer(Scene);
    }

    public LabeledScene Labels { get; }

    public GaussianScene Scene { get; }

    public IReadOnlyList<SceneView> Views { get; }

    public MaskSet Masks { get; }

    internal AffinityModel Model { get; }

    internal PromptSegmenter Segmenter { get; }

    internal CpuRasterizer Rasterizer { get; }

    /// <summary>Pixels of a view that show an object.</summary>
    internal PixelRegion RegionOf(string owner, LabeledView view)
    {
        int label = Labels.Objects.ToList().IndexOf(owner);
        return new PixelRegion(
            view.Width, view.Height, [.. view.Parts.Select(part => part != LabeledScene.None && Labels.Parts[part].Owner == label)]);
    }

    internal IReadOnlyList<ProtocolRow> Run(IReadOnlyList<ProtocolCase> cases, long seed = 0) => new ProtocolRunner(
        Scene, Views, Segmenter, Rasterizer, new ProtocolSettings("test", 4, 4, seed, 0.75f, [0.2, 0.5, 0.8])).Run(cases, CancellationToken.None);
}
