using Saga.Api.Hosting;

namespace Saga.Api.Selections;

/// <summary>A selection to keep: exactly one of indices, bitmask and from.</summary>
/// <param name="Name">At most 200 characters.</param>
/// <param name="Indices">Records of the uploaded file, in any order.</param>
/// <param name="Bitmask">Base64 of ⌈N/8⌉ bytes, Gaussian i at byte i/8, bit i%8.</param>
/// <param name="From">Other selections of the scene, combined.</param>
internal sealed record SelectionRequest(string? Name, IReadOnlyList<int>? Indices, string? Bitmask, CombinationRequest? From)
{
    private const int MaxNameLength = 200;

    /// <exception cref="RefusedException">422 <c>invalid-selection</c> or <c>invalid-name</c>.</exception>
    public void Check()
    {
        int given = (Indices is null ? 0 : 1) + (Bitmask is null ? 0 : 1) + (From is null ? 0 : 1);
        if (given != 1)
        {
            throw Invalid("Give exactly one of indices, bitmask and from.");
        }

        if (Name is { } name && (name.Length > MaxNameLength || name.Any(char.IsControl)))
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.InvalidName, $"A selection's name has at most {MaxNameLength} printable characters.");
        }
    }

    public static RefusedException Invalid(string detail) => RefusedException.Unprocessable(ProblemCodes.InvalidSelection, detail);
}

/// <summary>How to combine selections.</summary>
/// <param name="Op">"union", "intersect", "subtract" (the first without the others) or "invert" (of exactly one).</param>
/// <param name="Of">Ids of selections of the same scene.</param>
internal sealed record CombinationRequest(string? Op, IReadOnlyList<Guid>? Of);

/// <summary>A kept selection.</summary>
internal sealed record SelectionResponse(
    Guid Id, Guid SceneId, string Name, int GaussianCount, int SelectedCount, DateTimeOffset CreatedAt, SelectionIndices? Indices = null);
