using Saga.Engine.Neighbors;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Selections;
using Saga.Engine.Tests.Segmentation;

namespace Saga.Engine.Tests.Selections;

public sealed class SelectionEditorTests
{
    private static readonly GaussianScene Scene = ClumpsAndHaze();
    private static readonly SelectionReference Reference = new(Scene);
    private static readonly SelectionEditor Editor = new(Scene, new NeighborGraph(Scene));

    public static TheoryData<int> Trials => [.. Enumerable.Range(0, 12)];

    [Theory]
    [MemberData(nameof(Trials))]
    public void Growing_and_shrinking_by_steps_equal_the_definition(int trial)
    {
        GaussianSelection selection = Random(trial);
        int steps = 1 + trial % 4;

        Assert.Equal(
            Reference.Grow(Reference.Members(selection), steps, Always).Order(),
            Reference.Members(Editor.Grow(selection, steps, null, default)).Order());
        Assert.Equal(
            Reference.Complement(Reference.Grow(Reference.Complement(Reference.Members(selection)), steps, Always)).Order(),
            Reference.Members(Editor.Shrink(selection, steps, default)).Order());
    }

    [Theory]
    [MemberData(nameof(Trials))]
    public void Growing_and_shrinking_by_a_distance_equal_the_definition(int trial)
    {
        GaussianSelection selection = Random(trial);
        float distance = 0.03f + 0.05f * trial;

        Assert.Equal(
            Reference.Grow(Reference.Members(selection), distance, Always).Order(),
            Reference.Members(Editor.Grow(selection, distance, null, default)).Order());
        Assert.Equal(
            Reference.Complement(Reference.Grow(Reference.Complement(Reference.Members(selection)), distance, Always)).Order(),
            Reference.Members(Editor.Shrink(selection, distance, default)).Order());
    }

    [Theory]
    [MemberData(nameof(Trials))]
    public void A_limit_counts_at_every_edge_that_is_taken(int trial)
    {
        GaussianSelection selection = Random(trial);
        bool SameSide(int i, int j) => Scene.Means[3 * i] < 0 == Scene.Means[3 * j] < 0;

        Assert.Equal(
            Reference.Grow(Reference.Members(selection), 3, SameSide).Order(),
            Reference.Members(Editor.Grow(selection, 3, SameSide, default)).Order());
        Assert.Equal(
            Reference.Grow(Reference.Members(selection), 0.4, SameSide).Order(),
            Reference.Members(Editor.Grow(selection, 0.4f, SameSide, default)).Order());
    }

    [Theory]
    [MemberData(nameof(Trials))]
    public void Pieces_and_floaters_equal_the_definition(int trial)
    {
        GaussianSelection selection = Random(trial);
        HashSet<int> members = Reference.Members(selection);
        int seed = members.Order().ElementAt(members.Count / 3);
        int minSize = 1 + 9 * (trial % 3);
        List<HashSet<int>> left = Reference.Pieces(Reference.WithoutHaze(members));

        Assert.Equal(
            Reference.Pieces(members)[0].Order(), Reference.Members(Editor.LargestPiece(selection, default)).Order());
        Assert.Equal(
            Reference.Pieces(members).Single(p => p.Contains(seed)).Order(),
            Reference.Members(Editor.PiecesWith(selection, [Scene.FileIndices[seed]], default)).Order());
        Assert.Equal(
            left.Where((piece, i) => i == 0 || piece.Count >= minSize).SelectMany(piece => piece).Order(),
            Reference.Members(Editor.WithoutFloaters(selection, minSize, default)).Order());
    }

    [Theory]
    [MemberData(nameof(Trials))]
    public void Edits_keep_the_rules_that_people_rely_on(int trial)
    {
        GaussianSelection selection = Random(trial);
        HashSet<int> members = [.. selection.ToIndices()];
        int steps = 1 + trial % 3;
        GaussianSelection grown = Editor.Grow(selection, steps, null, default);
        GaussianSelection shrunk = Editor.Shrink(selection, steps, default);
        GaussianSelection closed = Editor.Shrink(grown, steps, default);
        GaussianSelection opened = Editor.Grow(shrunk, steps, null, default);

        Assert.Superset(members, grown.ToIndices().ToHashSet());
        Assert.Subset(members, shrunk.ToIndices().ToHashSet());
        Assert.Superset(members, closed.ToIndices().ToHashSet());
        Assert.Subset(members, opened.ToIndices().ToHashSet());
        Assert.Equal(Bits(closed), Bits(Editor.Shrink(Editor.Grow(closed, steps, null, default), steps, default)));
        Assert.Equal(Bits(opened), Bits(Editor.Grow(Editor.Shrink(opened, steps, default), steps, null, default)));
        Assert.Equal(Bits(grown), Bits(Repeated(selection, steps, one => Editor.Grow(one, 1, null, default))));
        Assert.Equal(Bits(selection), Bits(Editor.Grow(selection, 0f, null, default)));
        Assert.Equal(Bits(selection), Bits(Editor.Grow(selection, 5, (_, _) => false, default)));

        GaussianSelection largest = Editor.LargestPiece(selection, default);
        Assert.Equal(Bits(largest), Bits(Editor.LargestPiece(largest, default)));
        Assert.Subset(members, Editor.WithoutFloaters(selection, 16, default).ToIndices().ToHashSet());
    }

    [Fact]
    public void Nothing_and_everything_stay_what_they_are()
    {
        GaussianSelection nothing = Reference.Selection([]);
        GaussianSelection everything = Reference.Selection(Enumerable.Range(0, Scene.Count));

        Assert.Equal(0, Editor.Grow(nothing, 64, null, default).SelectedCount);
        Assert.Equal(0, Editor.Grow(nothing, 1e9f, null, default).SelectedCount);
        Assert.Equal(0, Editor.Shrink(nothing, 1, default).SelectedCount);
        Assert.Equal(0, Editor.LargestPiece(nothing, default).SelectedCount);
        Assert.Equal(0, Editor.PiecesWith(nothing, [3], default).SelectedCount);
        Assert.Equal(0, Editor.WithoutFloaters(nothing, 16, default).SelectedCount);
        Assert.Equal(Scene.Count, Editor.Shrink(everything, 64, default).SelectedCount);
        Assert.Equal(Scene.Count, Editor.Grow(everything, 64, null, default).SelectedCount);
    }

    [Fact]
    public void Records_that_are_not_usable_stay_when_growing_and_shrinking_and_are_no_part_of_a_piece()
    {
        int[] leftOut = [.. Enumerable.Range(0, Scene.FileGaussianCount).Except(Scene.FileIndices)];
        GaussianSelection some = SelectionReference.Records(Scene, leftOut.Take(2).Append(Scene.FileIndices[0]));

        Assert.Equal(3, leftOut.Length);
        Assert.Equal(leftOut.Take(2), Editor.Grow(some, 2, null, default).ToIndices().Intersect(leftOut));
        Assert.Equal(leftOut.Take(2), Editor.Shrink(some, 2, default).ToIndices().Intersect(leftOut));
        Assert.Empty(Editor.LargestPiece(some, default).ToIndices().Intersect(leftOut));
        Assert.Empty(Editor.WithoutFloaters(some, 1, default).ToIndices().Intersect(leftOut));
    }

    [Fact]
    public void The_largest_of_equal_pieces_has_the_smallest_record()
    {
        // Two pairs far apart; the second holds record 0.
        float[] means = [0, 0, 0, 0, 0, 0.1f, 90, 0, 0, 90, 0, 0.1f];
        GaussianScene pairs = SyntheticScenes.Scene(means, new float[12], new float[4], fileIndices: [2, 3, 1, 0]);

        // So few are all neighbours of each other: the graph of the pairs is given.
        int[] rows = [.. new[] { (0, 1), (1, 0), (2, 3), (3, 2) }.SelectMany(r => Enumerable.Repeat(r.Item1, 15).Append(r.Item2))];
        ushort[] bits = [0b1111];
        SurfacePieces.KeepLargest(bits, rows, pairs.FileIndices);

        Assert.Equal(0b1100, bits[0]);
    }

    [Fact]
    public void The_rows_do_not_depend_on_threads_and_are_counted()
    {
        var graph = new NeighborGraph(Scene);
        Assert.Equal(0, graph.ByteCount);
        int[] rows = graph.Rows(2, default);
        Assert.Equal(4L * NeighborGraph.RowLength * Scene.Count, graph.ByteCount);
        Assert.Same(rows, graph.Rows(1, default));
        Assert.Equal(new NeighborGraph(Scene).Rows(1, default), rows);
    }

    [Fact]
    public void Edits_that_make_no_sense_are_refused()
    {
        GaussianSelection selection = Random(0);
        foreach (int steps in new[] { 0, -1, 65, int.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Editor.Grow(selection, steps, null, default));
            Assert.Throws<ArgumentOutOfRangeException>(() => Editor.Shrink(selection, steps, default));
        }

        foreach (float distance in new[] { float.NaN, -1f, float.PositiveInfinity })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Editor.Grow(selection, distance, null, default));
            Assert.Throws<ArgumentOutOfRangeException>(() => Editor.Shrink(selection, distance, default));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Editor.WithoutFloaters(selection, 0, default));
        Assert.Throws<ArgumentException>(() => Editor.PiecesWith(selection, [-1], default));
        Assert.Throws<ArgumentException>(() => Editor.PiecesWith(selection, [Scene.FileGaussianCount], default));
        Assert.Throws<ArgumentException>(() => Editor.LargestPiece(new GaussianSelection([1], 3), default));
        Assert.ThrowsAny<OperationCanceledException>(() => Editor.Grow(selection, 1, null, new CancellationToken(true)));
    }

    private static bool Always(int member, int candidate) => true;

    private static byte[] Bits(GaussianSelection selection) => selection.Bits.ToArray();

    private static GaussianSelection Repeated(GaussianSelection selection, int times, Func<GaussianSelection, GaussianSelection> edit)
    {
        for (int i = 0; i < times; i++)
        {
            selection = edit(selection);
        }

        return selection;
    }

    /// <summary>From sparse to dense, with left-out records among it.</summary>
    private static GaussianSelection Random(int trial)
    {
        Random random = new(trial);
        double share = 0.05 + 0.08 * trial;
        return SelectionReference.Records(Scene, Enumerable.Range(0, Scene.FileGaussianCount).Where(_ => random.NextDouble() < share));
    }

    /// <summary>Three clumps of different density, a thin bridge, and faint and large Gaussians around them; three records are left out.</summary>
    private static GaussianScene ClumpsAndHaze()
    {
        Random random = new(5);
        const int count = 600;
        float[] means = new float[3 * count];
        float[] logScales = new float[3 * count];
        float[] logits = new float[count];
        for (int i = 0; i < count; i++)
        {
            (float center, float spread, float size) = i < 250 ? (-1f, 0.3f, -3f) : i < 450 ? (0.4f, 0.25f, -3f) : i < 550 ? (1.5f, 0.5f, -2.5f) : (0f, 3f, -1f);
            for (int axis = 0; axis < 3; axis++)
            {
                means[3 * i + axis] = (axis == 0 ? center : 0) + spread * (float)SyntheticScenes.Signed(random);
                logScales[3 * i + axis] = size + 0.3f * (float)SyntheticScenes.Signed(random);
            }

            logits[i] = i >= 575 ? -3 : 2;
        }

        int[] records = [.. Enumerable.Range(0, count + 3).Where(r => r is not (0 or 77 or count + 2))];
        random.Shuffle(records);
        return SyntheticScenes.Scene(means, logScales, logits, fileIndices: records, fileCount: count + 3);
    }
}
