using Saga.Cli.Evaluation;

namespace Saga.Cli.Tests.Evaluation;

/// <summary>A ground, a box of lid and foot, a floater; ten Gaussians, two views.</summary>
internal static class TinyScene
{
    public const ushort X = LabeledScene.None;

    public static readonly ushort[] Objects = [0, 0, 0, 0, 1, 1, 1, 1, 1, X];
    public static readonly ushort[] Parts = [0, 0, 0, 0, 1, 1, 1, 2, 2, X];

    public static readonly ushort[] SmallView =
    [
        X, X, X, X, X,
        X, X, 1, 1, X,
        X, X, 2, 2, X,
        0, 0, 0, 0, 0,
    ];

    public static readonly ushort[] LargeView =
    [
        X, X, X, X, X,
        X, 1, 1, 1, X,
        X, 1, 1, 1, X,
        X, 2, 2, 2, X,
        X, 2, 2, 2, X,
        0, 0, 0, 0, 0,
    ];

    public static LabeledScene Create() => new(
        "tiny",
        ["ground", "box"],
        [new LabeledPart("ground", 0), new LabeledPart("box/lid", 1), new LabeledPart("box/foot", 1)],
        Objects, Parts,
        [new LabeledView("a", 5, 4, SmallView), new LabeledView("b", 5, 6, LargeView)]);

    public static byte[] Bits(params ReadOnlySpan<int> selected)
    {
        var bits = new byte[2];
        foreach (int i in selected)
        {
            bits[i / 8] |= (byte)(1 << (i % 8));
        }

        return bits;
    }
}
