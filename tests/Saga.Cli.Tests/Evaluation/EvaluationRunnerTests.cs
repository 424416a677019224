using System.Text.Json;
using Saga.Cli.Evaluation;
using Saga.Engine.Segmentation;

namespace Saga.Cli.Tests.Evaluation;

public sealed class EvaluationRunnerTests
{
    private static readonly EvaluationProtocol Small = new()
    {
        MinObjectGaussians = 3,
        MinPartGaussians = 2,
        MinPartPixels = 3,
        Scales = [0, 0.5, 1],
    };

    [Fact]
    public void Chooses_the_view_that_shows_most_and_its_most_interior_pixel()
    {
        IReadOnlyList<EvaluationTarget> targets = TargetFinder.Find(TinyScene.Create(), Small);

        Assert.Collection(
            targets,
            box => Assert.Equal(
                new EvaluationTarget(TargetKind.WholeObject, 1, "box", 5, "b", 12, 2.5f, 2.5f, 2), box),
            lid => Assert.Equal(
                new EvaluationTarget(TargetKind.Part, 1, "box/lid", 3, "b", 6, 1.5f, 1.5f, 1), lid),
            foot => Assert.Equal(
                new EvaluationTarget(TargetKind.Part, 2, "box/foot", 2, "b", 6, 1.5f, 3.5f, 1), foot));
    }

    [Fact]
    public void Leaves_out_the_background_and_what_is_too_small()
    {
        LabeledScene scene = TinyScene.Create();

        Assert.DoesNotContain(TargetFinder.Find(scene, Small), target => target.Name.StartsWith("ground", StringComparison.Ordinal));
        Assert.DoesNotContain(TargetFinder.Find(scene, Small with { MinPartGaussians = 3 }), target => target.Name == "box/foot");
        Assert.DoesNotContain(TargetFinder.Find(scene, Small with { MinPartPixels = 7 }), target => target.Kind == TargetKind.Part);
        Assert.DoesNotContain(
            TargetFinder.Find(scene, Small with { MinObjectGaussians = 6 }), target => target.Kind == TargetKind.WholeObject);
    }

    [Fact]
    public void Takes_the_best_scale_and_leaves_floaters_out_on_both_sides()
    {
        // Gaussians 0-3 ground, 4-6 lid, 7-8 foot, 9 floater.
        byte[] Answer(EvaluationPrompt prompt) => prompt.Scale switch
        {
            0 => TinyScene.Bits(4, 5, 6),
            0.5 => TinyScene.Bits(4, 5, 6, 7, 8, 9),
            _ => TinyScene.Bits(0, 1, 2, 3, 4, 5, 6, 7, 8),
        };

        EvaluationReport report = EvaluationRunner.Run(TinyScene.Create(), Answer, Small);

        EvaluationRow box = Assert.Single(report.Objects);
        Assert.Equal([0.6, 1, 5 / 9.0], box.IouByScale);
        Assert.Equal((0.5, 1.0, 1.0, 1.0, 5), (box.BestScale, box.Iou, box.Precision, box.Recall, box.Selected));
        EvaluationRow lid = report.Parts[0];
        Assert.Equal((0.0, 1.0), (lid.BestScale, lid.Iou));
        EvaluationRow foot = report.Parts[1];
        Assert.Equal([0, 0.4, 2 / 9.0], foot.IouByScale);
        Assert.Equal((0.5, 0.4, 0.4, 1.0), (foot.BestScale, foot.Iou, foot.Precision, foot.Recall));
        Assert.Equal(0.7, report.PartMean.Iou, 12);
        Assert.Equal(1, report.FloaterCount);
        Assert.Equal(9, report.PromptCount);
    }

    [Fact]
    public void A_refused_prompt_counts_as_nothing_and_is_named()
    {
        EvaluationReport report = EvaluationRunner.Run(
            TinyScene.Create(), _ => throw new PromptRefusedException("point-on-background", "…"), Small);

        Assert.All(report.Objects.Concat(report.Parts), row => Assert.Equal((0, "point-on-background"), (row.Iou, row.Refused)));
    }

    [Fact]
    public void An_answer_for_another_number_of_gaussians_is_an_error() =>
        Assert.Throws<InvalidDataException>(() => EvaluationRunner.Run(TinyScene.Create(), _ => new byte[3], Small));

    [Fact]
    public void A_scene_with_nothing_to_click_is_an_error() =>
        Assert.Throws<InvalidDataException>(() => EvaluationRunner.Run(TinyScene.Create(), _ => TinyScene.Bits()));

    [Fact]
    public void The_report_carries_every_setting()
    {
        EvaluationReport report = EvaluationRunner.Run(TinyScene.Create(), _ => TinyScene.Bits(4), Small with { Threshold = 0.5f });

        JsonElement json = JsonSerializer.Deserialize<JsonElement>(report.ToJson());

        JsonElement protocol = json.GetProperty("protocol");
        Assert.Equal(0.5, protocol.GetProperty("threshold").GetDouble());
        Assert.Equal(3, protocol.GetProperty("scales").GetArrayLength());
        Assert.Equal("ground", protocol.GetProperty("backgroundObject").GetString());
        Assert.Equal("wholeObject", json.GetProperty("objects")[0].GetProperty("target").GetProperty("kind").GetString());
    }

    [Fact]
    public void The_table_names_every_target_and_both_means()
    {
        EvaluationReport report = EvaluationRunner.Run(TinyScene.Create(), _ => TinyScene.Bits(4, 5, 6, 7, 8), Small);
        var text = new StringWriter();

        EvaluationTable.Write(report, text);

        Assert.Contains("box/foot", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("mean object IoU 1.0000 (1), mean part IoU 0.5000 (2)", text.ToString(), StringComparison.Ordinal);
    }
}
