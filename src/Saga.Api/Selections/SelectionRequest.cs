using Saga.Api.Hosting;
using Saga.Persistence.Selections;

namespace Saga.Api.Selections;

/// <summary>A selection to keep: exactly one of indices, bitmask and from.</summary>
/// <param name="Name">At most 200 characters.</param>
/// <param name="Indices">Records of the uploaded file, in any order.</param>
/// <param name="Bitmask">Base64 of ⌈N/8⌉ bytes, Gaussian i at byte i/8, bit i%8.</param>
/// <param name="From">Other selections of the scene, combined.</param>
/// <param name="Color">How it is shown, "#rrggbb"; none unless given.</param>
/// <param name="Hidden">True: not shown; false unless given.</param>
internal sealed record SelectionRequest(
    string? Name, IReadOnlyList<int>? Indices, string? Bitmask, CombinationRequest? From, string? Color = null, bool? Hidden = null)
{
    /// <exception cref="RefusedException">422 <c>invalid-selection</c> or <c>invalid-name</c>.</exception>
    public void Check()
    {
        int given = (Indices is null ? 0 : 1) + (Bitmask is null ? 0 : 1) + (From is null ? 0 : 1);
        if (given != 1)
        {
            throw Invalid("Give exactly one of indices, bitmask and from.");
        }

        SelectionLook.Check(Name, Color);
    }

    public static RefusedException Invalid(string detail) => RefusedException.Unprocessable(ProblemCodes.InvalidSelection, detail);
}

/// <summary>How to combine selections.</summary>
/// <param name="Op">"union", "intersect", "subtract" (the first without the others) or "invert" (of exactly one).</param>
/// <param name="Of">Ids of selections of the same scene.</param>
internal sealed record CombinationRequest(string? Op, IReadOnlyList<Guid>? Of);

/// <summary>What to change of a kept selection; what is not given stays.</summary>
/// <param name="Name">At most 200 characters.</param>
/// <param name="Color">"#rrggbb".</param>
/// <param name="Hidden">True: not shown.</param>
internal sealed record SelectionPatch(string? Name, string? Color, bool? Hidden)
{
    /// <exception cref="RefusedException">422 <c>invalid-selection</c> or <c>invalid-name</c>.</exception>
    public void Check()
    {
        if (Name is null && Color is null && Hidden is null)
        {
            throw SelectionRequest.Invalid("Nothing is to change; give name, color or hidden.");
        }

        SelectionLook.Check(Name, Color);
    }
}

/// <summary>The rules for what people see of a selection.</summary>
internal static class SelectionLook
{
    private const int MaxNameLength = 200;

    public static void Check(string? name, string? color)
    {
        if (name is not null && (name.Length > MaxNameLength || name.Any(char.IsControl)))
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.InvalidName, $"A selection's name has at most {MaxNameLength} printable characters.");
        }

        if (color is not null && !(color.Length == 7 && color[0] == '#' && color[1..].All(char.IsAsciiHexDigit)))
        {
            throw SelectionRequest.Invalid($"color is «{LogText.Clean(color)}»; a colour is # and six hexadecimal digits, such as \"#ff7300\".");
        }
    }
}

/// <summary>A kept selection.</summary>
/// <param name="Color">"#rrggbb"; null while nobody chose one.</param>
/// <param name="Hidden">True while it is not to be shown.</param>
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
    SelectionIndices? Indices = null)
{
    public static SelectionResponse From(SelectionRecord record, SelectionIndices? indices = null) => new(
        record.Id, record.SceneId, record.Name, record.GaussianCount, record.SelectedCount, record.CreatedAt, record.Color, record.Hidden, indices);
}
