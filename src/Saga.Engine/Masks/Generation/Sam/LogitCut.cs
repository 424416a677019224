using System.Runtime.Intrinsics;

namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>
/// Cuts a mask out of the decoder's logits: enlarges them to the picture and thresholds them at 0, counting on the way the pixels
/// above +1 and above -1 for the stability score. No enlarged logits are kept, only one byte per pixel.
/// </summary>
/// <remarks>
/// stability = |{logit &gt; 1}| / |{logit &gt; -1}|: one set holds the other, so this is their IoU. Rows are enlarged first, as there are
/// fewer of them before; then each row of the picture is a blend of three, 32 pixels at a time. Buffers are reused: not thread-safe.
/// </remarks>
internal sealed class LogitCut
{
    /// <summary>The cuts of the stability score lie this far from the mask's, in logits, as published.</summary>
    private const float StabilityOffset = 1;

    private const int Block = 32;

    /// <summary>Below every cut, whatever the weights: fills a row up to whole blocks.</summary>
    private const float Never = -1e30f;

    private readonly SamFrame _frame;
    private readonly int _stride;
    private readonly UpscaleTaps _columns;
    private readonly UpscaleTaps _rows;
    private readonly float[] _wide;
    private readonly byte[] _row;

    /// <summary>Prepares cutting masks of one picture.</summary>
    public LogitCut(SamFrame frame)
    {
        _frame = frame;
        _stride = (frame.Width + Block - 1) / Block * Block;
        _columns = UpscaleTaps.Of(frame.ScaledWidth, frame.Width);
        _rows = UpscaleTaps.Of(frame.ScaledHeight, frame.Height);
        _wide = new float[SamFrame.MaskSide * _stride];
        Array.Fill(_wide, Never);
        _row = new byte[_stride];
        Pixels = new byte[frame.Width * frame.Height];
    }

    /// <summary>The last mask cut, [height, width], 255 where set.</summary>
    public byte[] Pixels { get; }

    /// <summary>Cuts a mask out of the decoder's low-resolution logits.</summary>
    /// <param name="logits">[256, 256], finite.</param>
    /// <returns>The stability score; NaN where nothing is above -1.</returns>
    public float FromLowResolution(ReadOnlySpan<float> logits)
    {
        int lastRow = _rows.First[^1] + UpscaleTaps.Count;
        for (int y = _rows.First[0]; y < lastRow; y++)
        {
            Widen(logits.Slice(y * SamFrame.MaskSide, SamFrame.MaskSide), _wide.AsSpan(y * _stride, _frame.Width));
        }

        var counts = default(Counts);
        for (int y = 0; y < _frame.Height; y++)
        {
            CutRow(y, _wide.AsSpan(_rows.First[y] * _stride), _rows.Weights.AsSpan(y * UpscaleTaps.Count, UpscaleTaps.Count), ref counts);
        }

        return counts.Stability;
    }

    /// <summary>Cuts a mask out of logits that the decoder has enlarged itself.</summary>
    /// <param name="logits">[height, width], finite.</param>
    /// <returns>The stability score; NaN where nothing is above -1.</returns>
    public float FromFullResolution(ReadOnlySpan<float> logits)
    {
        // The same path with weights (1, 0, 0), so that both kinds of decoders are thresholded and counted by the same lines.
        var counts = default(Counts);
        for (int y = 0; y < _frame.Height; y++)
        {
            logits.Slice(y * _frame.Width, _frame.Width).CopyTo(_wide);
            CutRow(y, _wide, [1, 0, 0], ref counts);
        }

        return counts.Stability;
    }

    private void Widen(ReadOnlySpan<float> source, Span<float> target)
    {
        ReadOnlySpan<int> first = _columns.First;
        ReadOnlySpan<float> weights = _columns.Weights;
        for (int x = 0; x < target.Length; x++)
        {
            ReadOnlySpan<float> near = source.Slice(first[x], UpscaleTaps.Count);
            ReadOnlySpan<float> weight = weights.Slice(x * UpscaleTaps.Count, UpscaleTaps.Count);
            target[x] = near[0] * weight[0] + near[1] * weight[1] + near[2] * weight[2];
        }
    }

    /// <param name="y">Row of the picture.</param>
    /// <param name="rows">Three rows of widened logits, one stride apart.</param>
    /// <param name="weights">Their weights.</param>
    /// <param name="counts">Is added to.</param>
    private void CutRow(int y, ReadOnlySpan<float> rows, ReadOnlySpan<float> weights, ref Counts counts)
    {
        ReadOnlySpan<float> second = rows[_stride..];
        ReadOnlySpan<float> third = second[_stride..];
        var certain = Vector256<int>.Zero;
        var possible = Vector256<int>.Zero;
        for (int x = 0; x < _stride; x += Block)
        {
            Vector256<int> a = Cut(rows, second, third, x, weights, ref certain, ref possible);
            Vector256<int> b = Cut(rows, second, third, x + 8, weights, ref certain, ref possible);
            Vector256<int> c = Cut(rows, second, third, x + 16, weights, ref certain, ref possible);
            Vector256<int> d = Cut(rows, second, third, x + 24, weights, ref certain, ref possible);
            Vector256.Narrow(Vector256.Narrow(a, b), Vector256.Narrow(c, d)).AsByte().CopyTo(_row, x);
        }

        // Lanes that hold count -1 each.
        counts.Certain -= Vector256.Sum(certain);
        counts.Possible -= Vector256.Sum(possible);
        _row.AsSpan(0, _frame.Width).CopyTo(Pixels.AsSpan(y * _frame.Width));
    }

    /// <summary>Eight pixels: -1 where the logit is above 0.</summary>
    private static Vector256<int> Cut(
        ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> third, int x, ReadOnlySpan<float> weights,
        ref Vector256<int> certain, ref Vector256<int> possible)
    {
        Vector256<float> logits = Vector256.Create(first[x..]) * weights[0] + Vector256.Create(second[x..]) * weights[1]
            + Vector256.Create(third[x..]) * weights[2];
        certain += Vector256.GreaterThan(logits, Vector256.Create(StabilityOffset)).AsInt32();
        possible += Vector256.GreaterThan(logits, Vector256.Create(-StabilityOffset)).AsInt32();
        return Vector256.GreaterThan(logits, Vector256<float>.Zero).AsInt32();
    }

    private struct Counts
    {
        public int Certain;
        public int Possible;

        public readonly float Stability => (float)Certain / Possible;
    }
}
