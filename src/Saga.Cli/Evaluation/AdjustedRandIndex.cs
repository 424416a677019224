using System.Runtime.InteropServices;

namespace Saga.Cli.Evaluation;

/// <summary>How well two ways to group the same things agree, chance taken off (Hubert and Arabie 1985).</summary>
/// <remarks>
/// ARI = (Σ C(n_ij, 2) - E) / (½·(Σ C(a_i, 2) + Σ C(b_j, 2)) - E) with E = Σ C(a_i, 2)·Σ C(b_j, 2) / C(n, 2), n_ij things in
/// group i of the one and j of the other, a and b the sizes of the groups. 1 for equal groups, 0 on average for random ones.
/// </remarks>
public static class AdjustedRandIndex
{
    /// <summary>Compares two labellings.</summary>
    /// <param name="first">A label per thing.</param>
    /// <param name="second">A label per thing, as many.</param>
    /// <returns>At most 1; 1 when neither says anything, as with one thing.</returns>
    public static double Of(ReadOnlySpan<ushort> first, ReadOnlySpan<ushort> second)
    {
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"{first.Length} labels are compared with {second.Length}.", nameof(second));
        }

        var together = new Dictionary<(ushort, ushort), long>();
        var ofFirst = new Dictionary<ushort, long>();
        var ofSecond = new Dictionary<ushort, long>();
        for (int i = 0; i < first.Length; i++)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(together, (first[i], second[i]), out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(ofFirst, first[i], out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(ofSecond, second[i], out _)++;
        }

        double agreeing = together.Values.Sum(Pairs);
        double pairsOfFirst = ofFirst.Values.Sum(Pairs);
        double pairsOfSecond = ofSecond.Values.Sum(Pairs);
        double expected = pairsOfFirst / Math.Max(Pairs(first.Length), 1) * pairsOfSecond;
        double most = (pairsOfFirst + pairsOfSecond) / 2;
        return most - expected == 0 ? 1 : (agreeing - expected) / (most - expected);
    }

    private static double Pairs(long count) => count * (count - 1.0) / 2;
}
