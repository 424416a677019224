namespace Saga.Engine.Numerics;

/// <summary>
/// A vector of floats whose width is a type: a kernel written once over it compiles to its own code at every width.
/// </summary>
/// <remarks>
/// <see cref="FloatX1"/> is the scalar twin and what runs without vector hardware. Lane by lane, all widths round alike, so a
/// kernel whose lanes do not meet gives the same bits at every width; only <see cref="Sum"/> depends on it. A mask has all bits of a
/// lane set or none.
/// </remarks>
/// <typeparam name="TSelf">The vector itself.</typeparam>
internal unsafe interface IFloatLanes<TSelf>
    where TSelf : unmanaged, IFloatLanes<TSelf>
{
    /// <summary>Lanes: 16, 8, 4 or 1.</summary>
    static abstract int Width { get; }

    /// <summary>0, 1, 2, …</summary>
    static abstract TSelf Indices { get; }

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    static abstract TSelf operator &(TSelf a, TSelf b);

    static abstract TSelf operator |(TSelf a, TSelf b);

    static abstract TSelf operator ^(TSelf a, TSelf b);

    static abstract TSelf Load(float* source);

    /// <param name="source">The first element.</param>
    /// <param name="offset">Elements from there.</param>
    static abstract TSelf Load(ref readonly float source, int offset);

    static abstract TSelf Broadcast(float value);

    /// <summary>a·b + c: rounded once where the processor can, twice elsewhere, but the same at all widths of one process.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    static abstract TSelf Min(TSelf a, TSelf b);

    static abstract TSelf Max(TSelf a, TSelf b);

    static abstract TSelf Abs(TSelf a);

    /// <summary>To the nearest whole number, ties to even.</summary>
    static abstract TSelf Round(TSelf a);

    /// <summary>2ⁿ for whole n in [-127, 127]; 0 for -127.</summary>
    static abstract TSelf PowerOfTwo(TSelf n);

    /// <summary>a &amp; ~mask.</summary>
    static abstract TSelf AndNot(TSelf a, TSelf mask);

    /// <summary>a where the mask is set, b elsewhere.</summary>
    static abstract TSelf Select(TSelf mask, TSelf a, TSelf b);

    /// <summary>The mask of a > b.</summary>
    static abstract TSelf GreaterThan(TSelf a, TSelf b);

    /// <summary>The mask of a ≥ b.</summary>
    static abstract TSelf AtLeast(TSelf a, TSelf b);

    /// <summary>The bits of a plus the bits of b shifted into the exponent: a·2ⁿ where the low bits of b hold the whole number n.</summary>
    static abstract TSelf AddToExponent(TSelf a, TSelf b);

    /// <summary>The mask of lanes in which any bit is set.</summary>
    static abstract TSelf AnyBit(TSelf a);

    /// <summary>The mask whose lane i is bit i.</summary>
    static abstract TSelf MaskOf(uint bits);

    void Store(float* target);

    /// <param name="target">The first element.</param>
    /// <param name="offset">Elements from there.</param>
    void Store(ref float target, int offset);

    /// <summary>Bit i is the sign bit of lane i; of a mask, the mask.</summary>
    uint SignBits();

    /// <summary>Sum of the lanes, in an order of the width's own.</summary>
    float Sum();
}
