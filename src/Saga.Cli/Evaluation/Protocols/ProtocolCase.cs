namespace Saga.Cli.Evaluation.Protocols;

/// <summary>One thing to segment: what marks it in the reference view, and what is true in the others.</summary>
/// <param name="Name">What it is called in the report.</param>
/// <param name="ReferenceView">The view that is clicked in.</param>
/// <param name="Positive">Pixels there that belong to it.</param>
/// <param name="Negative">Pixels there that do not.</param>
/// <param name="IsComplete">True when positive and negative together are all pixels of the view; false for scribbles.</param>
/// <param name="Targets">Views with a true mask, the reference view not among them.</param>
public sealed record ProtocolCase(
    string Name, string ReferenceView, PixelRegion Positive, PixelRegion Negative, bool IsComplete, IReadOnlyList<ProtocolTarget> Targets);

/// <summary>A true mask.</summary>
/// <param name="View">The view.</param>
/// <param name="Truth">What belongs to the thing.</param>
public sealed record ProtocolTarget(string View, PixelRegion Truth);
