using System.Numerics;
using Saga.Engine.Numerics;

namespace Saga.Engine.Training.Cpu;

/// <summary>
/// Pair selection (A.1): one bit per pair and fact, gathered over the scales, then the pairs that count as positives and as
/// negatives. Rows are pixels, a word of 16 bits is a block of columns, the strict upper triangle is used.
/// </summary>
internal sealed class PairSurvey
{
    /// <summary>A positive pair below this cosine at any scale is hard and always selected.</summary>
    public const float HardPositiveCosine = 0.75f;

    /// <summary>A negative pair above this cosine at any scale is hard and always selected.</summary>
    public const float HardNegativeCosine = 0.5f;

    private const int Side = PairTileKernels.Side;

    private ushort[] _any = [];
    private ushort[] _all = [];
    private ushort[] _hardPositive = [];
    private ushort[] _hardNegative = [];
    private int _pixels;
    private int _blocks;

    /// <summary>Selected positive pairs, after <see cref="Select"/>.</summary>
    public long PositiveCount { get; private set; }

    /// <summary>Selected negative pairs, after <see cref="Select"/>.</summary>
    public long NegativeCount { get; private set; }

    public void Reset(int pixels)
    {
        _pixels = pixels;
        _blocks = (pixels + Side - 1) / Side;
        int size = _blocks * Side * _blocks;
        if (_any.Length < size)
        {
            _any = new ushort[size];
            _all = new ushort[size];
            _hardPositive = new ushort[size];
            _hardNegative = new ushort[size];
        }

        Array.Clear(_any);
        Array.Fill(_all, ushort.MaxValue);
        Array.Clear(_hardPositive);
        Array.Clear(_hardNegative);
    }

    public void Add(int row, int columnBlock, ushort together, ushort hardPositive, ushort hardNegative)
    {
        int index = row * _blocks + columnBlock;
        _any[index] |= together;
        _all[index] &= together;
        _hardPositive[index] |= hardPositive;
        _hardNegative[index] |= hardNegative;
    }

    /// <summary>Adds what another thread's survey found at other scales.</summary>
    public void Merge(PairSurvey other)
    {
        for (int i = 0; i < _blocks * Side * _blocks; i++)
        {
            _any[i] |= other._any[i];
            _all[i] &= other._all[i];
            _hardPositive[i] |= other._hardPositive[i];
            _hardNegative[i] |= other._hardNegative[i];
        }
    }

    public ushort Positive(int row, int columnBlock) => _hardPositive[row * _blocks + columnBlock];

    public ushort Negative(int row, int columnBlock) => _hardNegative[row * _blocks + columnBlock];

    /// <summary>The shares of the pairs that are always and never together that count.</summary>
    /// <param name="pixels">Pixels.</param>
    /// <param name="inconsistent">Pairs that are together at some scales.</param>
    /// <param name="positives">Pairs that are together at all scales.</param>
    /// <param name="negatives">Pairs that are together at none.</param>
    public static (double Positive, double Negative) Shares(int pixels, long inconsistent, long positives, long negatives) =>

        // The published ratio is over the full matrix: both triangles, and the diagonal, where every pixel agrees with itself.
        (inconsistent / Math.Max(1.0, 2.0 * positives + pixels), inconsistent / Math.Max(1.0, 2.0 * negatives));

    /// <summary>Turns the facts into the two sets.</summary>
    /// <param name="key">Key of the random draws.</param>
    /// <param name="draws">Draws to use instead, [pixels, pixels], for comparison with golden numbers.</param>
    public void Select(ulong key, double[]? draws)
    {
        long inconsistent = 0;
        long positives = 0;
        long negatives = 0;
        ForEachWord((_, _, index, valid) =>
        {
            inconsistent += BitOperations.PopCount((uint)(_any[index] & ~_all[index]) & valid);
            positives += BitOperations.PopCount(_all[index] & valid);
            negatives += BitOperations.PopCount((uint)~_any[index] & valid);
        });

        (double keepPositive, double keepNegative) = Shares(_pixels, inconsistent, positives, negatives);
        PositiveCount = 0;
        NegativeCount = 0;
        ForEachWord((row, block, index, valid) =>
        {
            uint mixed = (uint)(_any[index] & ~_all[index]);
            uint always = _all[index] & valid;
            uint never = (uint)~_any[index] & valid;
            uint drawn = 0;
            for (uint rest = (always & ~(uint)_hardPositive[index]) | (never & ~(uint)_hardNegative[index]); rest != 0; rest &= rest - 1)
            {
                int lane = BitOperations.TrailingZeroCount(rest);
                int column = block * Side + lane;
                double draw = draws is null
                    ? (CounterRandom.Mix(key ^ ((ulong)row << 32 | (uint)column)) >> 11) * (1.0 / (1UL << 53))
                    : draws[row * _pixels + column];
                bool positive = (always >> lane & 1) != 0;
                drawn |= (draw < (positive ? keepPositive : keepNegative) ? 1u : 0u) << lane;
            }

            uint selectedPositive = (mixed | (always & drawn) | _hardPositive[index]) & valid;
            uint selectedNegative = (mixed | (never & drawn) | _hardNegative[index]) & valid;
            _hardPositive[index] = (ushort)selectedPositive;
            _hardNegative[index] = (ushort)selectedNegative;
            PositiveCount += BitOperations.PopCount(selectedPositive);
            NegativeCount += BitOperations.PopCount(selectedNegative);
        });
    }

    private void ForEachWord(Action<int, int, int, uint> visit)
    {
        for (int row = 0; row < _pixels; row++)
        {
            for (int block = row / Side; block < _blocks; block++)
            {
                int first = Math.Max(0, row + 1 - block * Side);
                int end = Math.Min(Side, _pixels - block * Side);
                if (first < end)
                {
                    visit(row, block, row * _blocks + block, ((1u << end) - 1) & ~((1u << first) - 1));
                }
            }
        }
    }
}
