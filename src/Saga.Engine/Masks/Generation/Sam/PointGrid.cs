namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>The points that SAM is asked about.</summary>
internal static class PointGrid
{
    /// <summary>Points along one side in a layer of crops: ⌊perSide / factor^layer⌋, at least one.</summary>
    public static int PerSide(int perSide, int downscaleFactor, int layer) =>
        Math.Max(1, (int)(perSide / Math.Pow(downscaleFactor, layer)));

    /// <summary>Centres of perSide × perSide equal cells, row by row, in pixels of a picture: ((i + ½)/perSide)·size.</summary>
    public static (double X, double Y)[] Over(int width, int height, int perSide)
    {
        var points = new (double X, double Y)[perSide * perSide];
        for (int i = 0; i < points.Length; i++)
        {
            points[i] = ((i % perSide + 0.5) / perSide * width, (i / perSide + 0.5) / perSide * height);
        }

        return points;
    }
}
