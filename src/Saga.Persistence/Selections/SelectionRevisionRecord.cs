namespace Saga.Persistence.Selections;

/// <summary>One step in the history of a selection's members.</summary>
public sealed class SelectionRevisionRecord
{
    public Guid SelectionId { get; set; }

    /// <summary>From 1, ascending; a number that was undone and replaced is missing.</summary>
    public int Number { get; set; }

    /// <summary>What made it: <c>create</c>, <c>replace</c>, or the edit as the contract names it.</summary>
    public string Operation { get; set; } = "";

    public int SelectedCount { get; set; }

    /// <summary>
    /// What changed from the revision before, a <see cref="MaskDelta"/>: leads there and back. Empty for the oldest, from which
    /// nothing leads back.
    /// </summary>
    public byte[] Delta { get; set; } = [];

    public DateTimeOffset CreatedAt { get; set; }
}
