using Saga.Api.Hosting;

namespace Saga.Api.Selections;

/// <summary>The members of a selection: exactly one of indices, bitmask and from.</summary>
internal record MembersRequest
{
    /// <summary>Records of the uploaded file, in any order.</summary>
    public IReadOnlyList<int>? Indices { get; init; }

    /// <summary>Base64 of ⌈N/8⌉ bytes, Gaussian i at byte i/8, bit i%8.</summary>
    public string? Bitmask { get; init; }

    /// <summary>Other selections of the scene, combined or edited.</summary>
    public CombinationRequest? From { get; init; }

    /// <exception cref="RefusedException">422 <c>invalid-selection</c>.</exception>
    public virtual void Check()
    {
        int given = (Indices is null ? 0 : 1) + (Bitmask is null ? 0 : 1) + (From is null ? 0 : 1);
        if (given != 1)
        {
            throw Invalid("Give exactly one of indices, bitmask and from.");
        }
    }

    public static RefusedException Invalid(string detail) => RefusedException.Unprocessable(ProblemCodes.InvalidSelection, detail);
}

/// <summary>A selection to keep.</summary>
internal sealed record SelectionRequest : MembersRequest
{
    /// <summary>At most 200 characters.</summary>
    public string? Name { get; init; }

    /// <summary>How it is shown, "#rrggbb"; none unless given.</summary>
    public string? Color { get; init; }

    /// <summary>True: not shown; false unless given.</summary>
    public bool? Hidden { get; init; }

    /// <exception cref="RefusedException">422 <c>invalid-selection</c> or <c>invalid-name</c>.</exception>
    public override void Check()
    {
        base.Check();
        SelectionLook.Check(Name, Color);
    }
}

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
            throw MembersRequest.Invalid("Nothing is to change; give name, color or hidden.");
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
            throw MembersRequest.Invalid($"color is «{LogText.Clean(color)}»; a colour is # and six hexadecimal digits, such as \"#ff7300\".");
        }
    }
}
