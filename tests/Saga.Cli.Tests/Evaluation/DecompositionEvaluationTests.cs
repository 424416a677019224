using Saga.Cli.Evaluation;

namespace Saga.Cli.Tests.Evaluation;

public sealed class DecompositionEvaluationTests
{
    [Fact]
    public void The_index_is_one_for_equal_groups_whatever_they_are_called_and_worked_out_by_hand_for_others()
    {
        Assert.Equal(1, AdjustedRandIndex.Of([0, 0, 1, 1, 2], [7, 7, 3, 3, 65535]));

        // Groups {0 1 2}{3 4 5} and {0 1}{2 3}{4 5}: together 1 + 1 = 2 pairs; 6 and 3 pairs of 15, so 1.2 expected.
        Assert.Equal((2 - 1.2) / (4.5 - 1.2), AdjustedRandIndex.Of([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2]), 12);

        // Nothing together that belongs together: worse than chance. 2·2 pairs of 6, so 2/3 expected.
        Assert.Equal((0 - 2 / 3.0) / (2 - 2 / 3.0), AdjustedRandIndex.Of([0, 0, 1, 1], [0, 1, 0, 1]), 12);
    }

    [Fact]
    public void The_index_of_groups_that_say_nothing_is_that_of_chance_or_of_agreement()
    {
        Assert.Equal(0, AdjustedRandIndex.Of([0, 0, 1, 1], [5, 5, 5, 5]));
        Assert.Equal(1, AdjustedRandIndex.Of([4], [5]));
        Assert.Equal(1, AdjustedRandIndex.Of([], []));
        Assert.Equal(1, AdjustedRandIndex.Of([1, 1], [2, 2]));
        Assert.Throws<ArgumentException>(() => AdjustedRandIndex.Of([1], []));
    }

    [Fact]
    public void The_best_scale_is_found_floaters_are_left_out_and_the_unassigned_are_a_cluster_of_their_own()
    {
        // Gaussians 0-3 ground, 4-6 lid, 7-8 foot, 9 floater.
        const ushort none = ushort.MaxValue;
        ushort[] Answer(double scale) => scale switch
        {
            0 => [0, 0, 0, 0, 1, 1, 1, 2, 2, 0],
            0.5 => [0, 0, 0, 0, 1, 1, 1, 1, 1, 0],
            _ => [0, 0, 0, none, 1, 1, 1, none, 1, 1],
        };

        DecompositionReport report = DecompositionEvaluation.Run(TinyScene.Create(), Answer, [0, 0.5, 1], CancellationToken.None);

        Assert.Equal((1, 0.5, 1, 0), (report.BestObjectAri, report.BestObjectScale, report.BestPartAri, report.BestPartScale));
        Assert.Equal([3, 2, 2], report.Scales.Select(row => row.Clusters));
        DecompositionRow last = report.Scales[2];
        Assert.Equal(2 / 9.0, last.Unassigned, 12);
        Assert.Equal(1, last.ObjectAriOfAssigned);

        // Together C(3,2) + C(4,2) = 9 pairs; 6 + 10 and 3 + 6 + 1 pairs of 36.
        Assert.Equal((9 - 16 * 10 / 36.0) / (13 - 16 * 10 / 36.0), last.ObjectAri, 12);
    }

    [Fact]
    public void An_answer_for_another_number_of_gaussians_is_an_error() => Assert.Throws<InvalidDataException>(
        () => DecompositionEvaluation.Run(TinyScene.Create(), _ => new ushort[3], [0.5], CancellationToken.None));
}
