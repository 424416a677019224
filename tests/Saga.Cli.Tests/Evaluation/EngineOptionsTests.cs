using Saga.Cli.CommandLine;
using Saga.Cli.Evaluation;
using Saga.Cli.Service;
using Saga.Engine.Training;

namespace Saga.Cli.Tests.Evaluation;

public sealed class EngineOptionsTests
{
    private static readonly TrainingRequest Balanced = new("balanced", null, null);

    [Fact]
    public void Without_anything_said_they_are_the_preset()
    {
        Assert.Equal(AffinityTrainingOptions.Balanced, EngineEvaluation.OptionsOf(Balanced, null));
        Assert.Equal(AffinityTrainingOptions.Paper, EngineEvaluation.OptionsOf(Balanced with { Preset = "paper" }, null));
    }

    [Fact]
    public void What_is_said_overrides_the_preset()
    {
        AffinityTrainingOptions options = EngineEvaluation.OptionsOf(
            new TrainingRequest("balanced", 12, 5), """{"learningRate": 0.01, "lossForm": "paper"}""");

        Assert.Equal(
            AffinityTrainingOptions.Balanced with
            {
                Iterations = 12,
                Seed = 5,
                LearningRate = 0.01,
                LossForm = ContrastiveLossForm.Paper,
            },
            options);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("""{"noSuchOption": 1}""")]
    [InlineData("""{"learningRate": "high"}""")]
    [InlineData("""{"learningRate": -1}""")]
    [InlineData("""{"lossForm": "best"}""")]
    public void What_makes_no_sense_is_refused(string overrides) =>
        Assert.Throws<UsageException>(() => EngineEvaluation.OptionsOf(Balanced, overrides));
}
