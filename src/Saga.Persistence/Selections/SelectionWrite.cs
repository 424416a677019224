namespace Saga.Persistence.Selections;

/// <summary>What became of a wish to change a selection.</summary>
public enum SelectionOutcome
{
    /// <summary>It is done; or nothing was to change.</summary>
    Done,

    /// <summary>There is no such selection.</summary>
    Missing,

    /// <summary>The selection has another version than the caller expects.</summary>
    VersionMismatch,

    /// <summary>There is no older revision to undo to, or no newer one to redo.</summary>
    NoRevision,
}

/// <param name="Outcome">What happened.</param>
/// <param name="Selection">The selection as it is now; null when it is missing.</param>
public sealed record SelectionWrite(SelectionOutcome Outcome, SelectionRecord? Selection);

/// <summary>Which versions of a selection a change may start from.</summary>
/// <param name="Versions">Any of these; null for whichever there is, so that the last writer wins.</param>
public readonly record struct ExpectedVersion(IReadOnlyList<int>? Versions)
{
    internal bool Allows(int version) => Versions is null || Versions.Contains(version);
}
