using Saga.Persistence.Selections;

namespace Saga.Api.Selections;

/// <summary>A kept selection.</summary>
/// <param name="Color">"#rrggbb"; null while nobody chose one.</param>
/// <param name="Hidden">True while it is not to be shown.</param>
/// <param name="Version">Grows with every change of anything here; its ETag is the same number in quotes.</param>
/// <param name="Revision">Number of the state that its members are in; GET its /revisions lists them.</param>
/// <param name="CanUndo">True while there is an older revision.</param>
/// <param name="CanRedo">True while there is a newer revision.</param>
/// <param name="Indices">Its records, ascending; only where one selection is asked for.</param>
internal sealed record SelectionResponse(
    Guid Id,
    Guid SceneId,
    string Name,
    int GaussianCount,
    int SelectedCount,
    DateTimeOffset CreatedAt,
    string? Color,
    bool Hidden,
    int Version,
    int Revision,
    bool CanUndo,
    bool CanRedo,
    SelectionIndices? Indices = null)
{
    public static SelectionResponse From(SelectionRecord record, SelectionIndices? indices = null) => new(
        record.Id,
        record.SceneId,
        record.Name,
        record.GaussianCount,
        record.SelectedCount,
        record.CreatedAt,
        record.Color,
        record.Hidden,
        record.Version,
        record.Revision,
        record.Revision > record.FirstRevision,
        record.Revision < record.LastRevision,
        indices);
}

/// <summary>One state that the members of a selection were in.</summary>
/// <param name="Number">Ascending; never used twice.</param>
/// <param name="Operation">What made it: <c>create</c>, <c>replace</c> or the op of an edit.</param>
/// <param name="IsCurrent">True for the state that they are in.</param>
internal sealed record RevisionResponse(int Number, string Operation, int SelectedCount, DateTimeOffset CreatedAt, bool IsCurrent);

/// <summary>Members that are kept nowhere.</summary>
/// <param name="Indices">Records of the uploaded file, ascending.</param>
internal sealed record MembersResponse(int GaussianCount, int SelectedCount, SelectionIndices Indices);
