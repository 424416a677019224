namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>Disjoint sets of pixels, each with its size and the largest weight inside.</summary>
internal sealed class DisjointRegions
{
    private readonly int[] _parent;
    private readonly int[] _size;
    private readonly float[] _inside;

    public DisjointRegions(int count)
    {
        _parent = new int[count];
        _size = new int[count];
        _inside = new float[count];
        for (int i = 0; i < count; i++)
        {
            _parent[i] = i;
            _size[i] = 1;
        }
    }

    /// <summary>The pixel that stands for a pixel's set.</summary>
    public int Find(int pixel)
    {
        while (_parent[pixel] != pixel)
        {
            _parent[pixel] = _parent[_parent[pixel]];
            pixel = _parent[pixel];
        }

        return pixel;
    }

    /// <summary>Joins two sets if the weight between them is about as low as those inside either; weights must ascend from call to call.</summary>
    public void JoinIfEven(int a, int b, float weight, float forgiveness)
    {
        a = Find(a);
        b = Find(b);
        if (a != b && weight <= Math.Min(_inside[a] + forgiveness / _size[a], _inside[b] + forgiveness / _size[b]))
        {
            // Weights ascend, so the newest is the largest.
            _inside[Join(a, b)] = weight;
        }
    }

    /// <summary>Joins two sets if either has too few pixels.</summary>
    public void JoinIfSmall(int a, int b, int minPixels)
    {
        a = Find(a);
        b = Find(b);
        if (a != b && Math.Min(_size[a], _size[b]) < minPixels)
        {
            Join(a, b);
        }
    }

    private int Join(int a, int b)
    {
        (int root, int child) = _size[a] >= _size[b] ? (a, b) : (b, a);
        _parent[child] = root;
        _size[root] += _size[child];
        return root;
    }
}
