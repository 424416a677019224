using System.Numerics;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Scenes;

public sealed class SceneBoundsTests
{
    [Fact]
    public void One_point_is_its_own_box()
    {
        SceneBounds bounds = SceneBounds.Of([1f, 2f, 3f]);

        Assert.Equal(new SceneBounds(new(1, 2, 3), new(1, 2, 3), new(1, 2, 3), new(1, 2, 3)), bounds);
        Assert.Equal(0, bounds.RobustExtent);
    }

    [Fact]
    public void A_stray_point_moves_the_box_but_not_the_robust_one()
    {
        Random random = new(42);
        float[] means = [.. Enumerable.Range(0, 3000).Select(_ => random.NextSingle())];
        means[0] = -5000;

        SceneBounds bounds = SceneBounds.Of(means);

        Assert.Equal(-5000, bounds.Min.X);
        Assert.InRange(bounds.RobustMin.X, 0, 0.05f);
        Assert.InRange(Vector3.Distance(bounds.RobustCenter, new Vector3(0.5f)), 0, 0.05f);
        Assert.InRange(bounds.RobustExtent, 0.95 * Math.Sqrt(3), Math.Sqrt(3));
    }

    [Fact]
    public void No_points_have_no_box() => Assert.Throws<ArgumentOutOfRangeException>(() => SceneBounds.Of(ReadOnlySpan<float>.Empty));
}
