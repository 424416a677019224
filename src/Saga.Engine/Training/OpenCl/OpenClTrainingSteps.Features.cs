using System.Runtime.InteropServices;
using Saga.Engine.Compute.OpenCl;

namespace Saga.Engine.Training.OpenCl;

/// <content>Features through rows and neighbours, and back (<see cref="FeatureSmoothing"/>).</content>
internal sealed partial class OpenClTrainingSteps
{
    private Rows Upload(in PixelRowSlice rows, ReadOnlySpan<int> ranks)
    {
        int[] starts = new int[rows.PixelCount + 1];
        for (int p = 0; p <= rows.PixelCount; p++)
        {
            starts[p] = rows.RowStart(p) - rows.FirstEntry;
        }

        int entries = rows.EntryCount;
        int mostBlended = Math.Min(entries, _gaussians);
        var given = new Rows(
            rows.PixelCount, entries, ranks.Length, mostBlended, (int)Math.Min((long)mostBlended * ranks.Length, _gaussians),
            Keep<int>("batch starts", starts),
            Keep<int>("batch indices", rows.GaussianIndices.AsSpan(rows.FirstEntry, entries)),
            Keep<float>("batch weights", rows.Weights.AsSpan(rows.FirstEntry, entries)),
            Keep("ranks", ranks),
            Keep("blended count", sizeof(int)),
            Keep("touched count", sizeof(int)),
            Room("blended", mostBlended),
            Room("touched", Math.Min((long)mostBlended * ranks.Length, _gaussians)));
        _session.Fill(given.BlendedCount, 0, sizeof(int));
        _session.Fill(given.TouchedCount, 0, sizeof(int));
        return given;
    }

    // F, [pixels, channels].
    private OpenClBuffer Forward(Rows given, int iteration)
    {
        Run(
            "mark_blended", given.Entries, given.Indices, given.Weights, given.Entries, iteration, _blendedStamps, _blendedSlots,
            given.BlendedCount, given.Blended, _visibility);
        Run(
            "mark_touched", (long)given.MostBlended * given.RankCount, given.MostBlended * given.RankCount, given.Blended, given.BlendedCount,
            _neighbors, _options.Neighbors, given.Ranks, given.RankCount, iteration, _touchedStamps, _touchedSlots, given.TouchedCount, given.Touched);
        OpenClBuffer inverse = Room("inverse norms", given.MostTouched);
        Run("inverse_norms", given.MostTouched, given.MostTouched, given.TouchedCount, given.Touched, _features, inverse);
        OpenClBuffer smooth = Room("smooth", (long)given.MostBlended * _channels);
        OpenClBuffer smoothGradients = Room("smooth gradients", (long)given.MostBlended * _channels);
        Run(
            "smooth_features", (long)given.MostBlended * _channels, given.MostBlended, given.BlendedCount, given.Blended, _neighbors,
            _options.Neighbors, given.Ranks, given.RankCount, _touchedSlots, _features, inverse, smooth, smoothGradients);
        OpenClBuffer smoothInverse = Room("smooth inverse norms", given.MostBlended);
        Run("inverse_norms", given.MostBlended, given.MostBlended, given.BlendedCount, null, smooth, smoothInverse);
        OpenClBuffer rendered = Room("rendered", (long)given.Pixels * _channels);
        Run(
            "render_features", (long)given.Pixels * _channels, given.Pixels, given.Starts, given.Indices, given.Weights, _blendedSlots, smooth,
            smoothInverse, rendered);
        return rendered;
    }

    private void Backward(Rows given, OpenClBuffer renderedGradients, float rate, float correction)
    {
        // What Forward left, by the names it kept it under.
        OpenClBuffer smooth = Room("smooth", 0), smoothGradients = Room("smooth gradients", 0);
        OpenClBuffer smoothInverse = Room("smooth inverse norms", 0), inverse = Room("inverse norms", 0);
        Run(
            "scatter_rows", (long)given.Pixels * _channels, given.Pixels, given.Starts, given.Indices, given.Weights, _blendedSlots,
            renderedGradients, smoothGradients);
        OpenClBuffer along = Room("along", Math.Max(given.MostBlended, given.MostTouched));
        Run("along_rows", given.MostBlended, given.MostBlended, given.BlendedCount, null, smooth, smoothInverse, smoothGradients, along);
        OpenClBuffer gradients = Room("gradients", (long)given.MostTouched * _channels);
        Run("clear_rows", (long)given.MostTouched * _channels, given.MostTouched, given.TouchedCount, gradients);
        Run(
            "scatter_neighbors", (long)given.MostBlended * _channels, given.MostBlended, given.BlendedCount, given.Blended, _neighbors,
            _options.Neighbors, given.Ranks, given.RankCount, _touchedSlots, smooth, smoothInverse, smoothGradients, along, gradients);
        Run("along_rows", given.MostTouched, given.MostTouched, given.TouchedCount, given.Touched, _features, inverse, gradients, along);
        Run(
            "update_features", (long)given.MostTouched * _channels, given.MostTouched, given.TouchedCount, given.Touched, inverse, along, gradients,
            rate, correction, _features, _first, _second);
    }

    /// <summary>An iteration's rows on the device, and room for the numbers of the Gaussians in them.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Rows(
        int Pixels, int Entries, int RankCount, int MostBlended, int MostTouched, OpenClBuffer Starts, OpenClBuffer Indices, OpenClBuffer Weights,
        OpenClBuffer Ranks, OpenClBuffer BlendedCount, OpenClBuffer TouchedCount, OpenClBuffer Blended, OpenClBuffer Touched);
}
