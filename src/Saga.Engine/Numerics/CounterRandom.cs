namespace Saga.Engine.Numerics;

/// <summary>
/// Random numbers that are a pure function of a key (seed, purpose, index): any iteration can be drawn again without having drawn
/// those before it, which is what makes a resumed training equal to an unbroken one.
/// </summary>
/// <remarks>xoshiro256** seeded by SplitMix64 over the key.</remarks>
public struct CounterRandom
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>Starts the stream of a key.</summary>
    /// <param name="seed">The user's seed.</param>
    /// <param name="purpose">What the numbers are for; different purposes are independent.</param>
    /// <param name="index">Iteration, epoch or pair number.</param>
    public CounterRandom(long seed, int purpose, long index)
    {
        ulong state = Mix((ulong)seed + 0x9E3779B97F4A7C15UL);
        state = Mix(state ^ ((ulong)purpose * 0xD1B54A32D192ED03UL));
        state = Mix(state ^ ((ulong)index * 0x8CB92BA72F3D8DD7UL));
        _s0 = state = Mix(state + 0x9E3779B97F4A7C15UL);
        _s1 = state = Mix(state + 0x9E3779B97F4A7C15UL);
        _s2 = state = Mix(state + 0x9E3779B97F4A7C15UL);
        _s3 = Mix(state + 0x9E3779B97F4A7C15UL);
    }

    /// <summary>A uniform 64-bit number.</summary>
    public ulong NextUInt64()
    {
        ulong result = ulong.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = ulong.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in 0..<paramref name="bound"/>-1.</summary>
    public int Next(int bound) => (int)Math.BigMul(NextUInt64(), (ulong)bound, out _);

    /// <summary>Standard normal (Box–Muller).</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>Shuffles in place (Fisher–Yates).</summary>
    public void Shuffle(Span<int> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = Next(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>The SplitMix64 finaliser: a bijection of 64 bits that looks random.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
