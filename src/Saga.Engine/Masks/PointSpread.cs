namespace Saga.Engine.Masks;

/// <summary>
/// Running sums for the variance of points, taken about the first point: a surface far from the origin loses no digits.
/// </summary>
internal struct PointSpread
{
    private double _originX;
    private double _originY;
    private double _originZ;
    private double _sumX;
    private double _sumY;
    private double _sumZ;
    private double _sumSquares;

    /// <summary>Number of points.</summary>
    public int Count { get; private set; }

    /// <summary>σx² + σy² + σz², unbiased; needs two points.</summary>
    public readonly double TotalVariance =>
        Math.Max(0, (_sumSquares - (_sumX * _sumX + _sumY * _sumY + _sumZ * _sumZ) / Count) / (Count - 1));

    /// <summary>Adds a point.</summary>
    public void Add(double x, double y, double z)
    {
        if (Count == 0)
        {
            (_originX, _originY, _originZ) = (x, y, z);
        }

        double dx = x - _originX;
        double dy = y - _originY;
        double dz = z - _originZ;
        _sumX += dx;
        _sumY += dy;
        _sumZ += dz;
        _sumSquares += dx * dx + dy * dy + dz * dz;
        Count++;
    }
}
