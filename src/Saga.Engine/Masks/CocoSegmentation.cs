using System.Runtime.InteropServices;
using System.Text.Json;

namespace Saga.Engine.Masks;

/// <summary>The <c>segmentation</c> of one annotation while it is read; its fields come in any order. Reused between annotations.</summary>
internal sealed class CocoSegmentation
{
    /// <summary>Most run lengths of one mask in a plain list.</summary>
    public const int MaxRunLengths = 1 << 26;

    private byte[] _counts = [];
    private int _countsLength = -1;

    /// <summary>Height, width.</summary>
    public List<int> Size { get; } = [];

    /// <summary>Uncompressed counts.</summary>
    public List<int> RunLengths { get; } = [];

    /// <summary>True once uncompressed counts were read.</summary>
    public bool HasRunLengths { get; set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Size.Clear();
        RunLengths.Clear();
        HasRunLengths = false;
        _countsLength = -1;
    }

    /// <summary>Copies compressed counts from the reader's string, escapes undone.</summary>
    public void SetCounts(ref Utf8JsonReader reader)
    {
        if (_counts.Length < reader.ValueSpan.Length)
        {
            _counts = new byte[reader.ValueSpan.Length];
        }

        _countsLength = reader.CopyString(_counts);
    }

    /// <summary>The mask.</summary>
    /// <exception cref="InvalidMaskException">Something is missing, or the runs are wrong.</exception>
    public BinaryMask ToMask()
    {
        if (Size.Count != 2)
        {
            throw new InvalidMaskException($"\"size\" has {Size.Count} numbers; [height, width] was expected.");
        }

        if (HasRunLengths == (_countsLength >= 0))
        {
            throw new InvalidMaskException("\"counts\" is missing or there twice; a compressed string or a list of run lengths was expected.");
        }

        return HasRunLengths
            ? BinaryMask.FromRunLengths(Size[1], Size[0], CollectionsMarshal.AsSpan(RunLengths))
            : CocoRle.Decode(Size[1], Size[0], _counts.AsSpan(0, _countsLength));
    }
}
