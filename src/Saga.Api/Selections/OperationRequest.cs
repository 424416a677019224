using Saga.Api.Hosting;
using Saga.Engine.Selections;

namespace Saga.Api.Selections;

/// <summary>What to do with a selection. Along surfaces means: over the graph of each Gaussian's 16 nearest, mutual ones only.</summary>
internal abstract record OperationRequest
{
    // What each operation takes; what belongs to another is refused, so that no mistake passes for a wish.
    private static readonly Dictionary<string, string[]> Parameters = new(StringComparer.Ordinal)
    {
        ["union"] = [],
        ["intersect"] = [],
        ["subtract"] = [],
        ["invert"] = [],
        ["grow"] = ["steps", "distance", "similarity", "scale"],
        ["shrink"] = ["steps", "distance"],
        ["connected"] = ["seeds"],
        ["removeFloaters"] = ["minPiece"],
    };

    /// <summary>
    /// "union", "intersect", "subtract", "invert"; "grow" and "shrink" along surfaces; "connected" keeps the largest piece, or those
    /// with a seed; "removeFloaters" drops haze (isolated, and faint or large) and small pieces.
    /// </summary>
    public string? Op { get; init; }

    /// <summary>grow, shrink: rings of neighbours, 1 to 64; 1 when no distance is given either.</summary>
    public int? Steps { get; init; }

    /// <summary>grow, shrink: instead of steps, how far along the surface, world units.</summary>
    public double? Distance { get; init; }

    /// <summary>
    /// grow: only from a member to a Gaussian whose feature is at least this similar, a cosine from -1 to 1. Needs a trained scene.
    /// </summary>
    public double? Similarity { get; init; }

    /// <summary>grow with similarity: the granularity at which features are compared, a quantile from 0 to 1; 0.5 unless given.</summary>
    public double? Scale { get; init; }

    /// <summary>connected: records of the uploaded file; pieces without one go. None: the largest piece stays.</summary>
    public IReadOnlyList<int>? Seeds { get; init; }

    /// <summary>removeFloaters: Gaussians from which a piece stays, the largest always does; 16 unless given.</summary>
    public int? MinPiece { get; init; }

    /// <summary>True for the operations that two selections or more take part in.</summary>
    internal bool TakesOthers => Op is "union" or "intersect" or "subtract";

    /// <summary>True for the operations that need the scene in memory.</summary>
    internal bool IsAlongSurfaces => Op is "grow" or "shrink" or "connected" or "removeFloaters";

    /// <exception cref="RefusedException">422 <c>invalid-selection</c>: names what is wrong.</exception>
    public virtual void Check()
    {
        if (Op is null || !Parameters.TryGetValue(Op, out string[]? known))
        {
            throw MembersRequest.Invalid($"op is «{LogText.Clean(Op)}»; the operations are {string.Join(", ", Parameters.Keys)}.");
        }

        (string Name, bool Given)[] all =
        [
            ("steps", Steps is not null), ("distance", Distance is not null), ("similarity", Similarity is not null),
            ("scale", Scale is not null), ("seeds", Seeds is not null), ("minPiece", MinPiece is not null),
        ];
        if (all.FirstOrDefault(p => p.Given && !known.Contains(p.Name)).Name is { } foreign)
        {
            throw MembersRequest.Invalid(
                $"{Op} takes no {foreign}; it takes {(known.Length > 0 ? string.Join(", ", known) : "no parameters")}.");
        }

        CheckRanges();
    }

    private void CheckRanges()
    {
        if (Steps is not null && Distance is not null)
        {
            throw MembersRequest.Invalid("Give either steps or distance, and not both.");
        }

        if (Steps is < 1 or > SelectionEditor.MaxSteps)
        {
            throw MembersRequest.Invalid($"steps is {Steps}; it is 1 to {SelectionEditor.MaxSteps}. Give a distance to go further.");
        }

        if (Distance is { } distance && !(distance >= 0 && distance <= float.MaxValue))
        {
            throw MembersRequest.Invalid(FormattableString.Invariant($"distance is {distance}; it is in world units, 0 or more."));
        }

        if (Similarity is { } similarity && !(similarity >= -1 && similarity <= 1))
        {
            throw MembersRequest.Invalid(FormattableString.Invariant($"similarity is {similarity}; it is a cosine from -1 to 1."));
        }

        if (Scale is { } scale && !(scale >= 0 && scale <= 1))
        {
            throw RefusedException.Unprocessable(ProblemCodes.ScaleOutOfRange, FormattableString.Invariant(
                $"The scale is {scale}; it is a quantile from 0 (finest) to 1 (coarsest)."));
        }

        if (Scale is not null && Similarity is null)
        {
            throw MembersRequest.Invalid("scale says at which granularity features are compared; give similarity too.");
        }

        if (Seeds is { Count: 0 })
        {
            throw MembersRequest.Invalid("seeds is empty; give records of the uploaded file, or leave it out to keep the largest piece.");
        }

        if (MinPiece is < 1)
        {
            throw MembersRequest.Invalid($"minPiece is {MinPiece}; it is a number of Gaussians, 1 or more.");
        }
    }
}

/// <summary>A selection from others.</summary>
internal sealed record CombinationRequest : OperationRequest
{
    private const int MaxCombined = 64;

    /// <summary>
    /// Ids of selections of the same scene: one or more for union, intersect and subtract (the first without the others), else one.
    /// </summary>
    public IReadOnlyList<Guid>? Of { get; init; }

    public override void Check()
    {
        base.Check();
        if (Of is null || Of.Count > MaxCombined || (TakesOthers ? Of.Count < 1 : Of.Count != 1))
        {
            throw MembersRequest.Invalid(
                $"from.of lists {Of?.Count ?? 0} selections; {Op} takes {(TakesOthers ? $"1 to {MaxCombined}" : "exactly one")}.");
        }
    }
}

/// <summary>How to change the members of a selection.</summary>
internal record EditRequest : OperationRequest
{
    /// <summary>union, intersect, subtract: with what.</summary>
    public OperandRequest? With { get; init; }

    public override void Check()
    {
        base.Check();
        if (TakesOthers != With is not null)
        {
            throw MembersRequest.Invalid(TakesOthers ? $"{Op} needs with." : $"{Op} takes no with.");
        }

        With?.Check();
    }
}

/// <summary>How to change members that are kept nowhere.</summary>
internal sealed record MembersEditRequest : EditRequest
{
    /// <summary>What to change: exactly one of indices, bitmask and from.</summary>
    public MembersRequest? Members { get; init; }

    public override void Check()
    {
        base.Check();
        if (Members is null)
        {
            throw MembersRequest.Invalid("Give members: what to edit.");
        }

        Members.Check();
    }
}

/// <summary>The other side of a union, intersection or difference: exactly one of these.</summary>
/// <param name="Selection">Id of a selection of the same scene.</param>
/// <param name="Indices">Records of the uploaded file, in any order.</param>
/// <param name="Bitmask">Base64 of ⌈N/8⌉ bytes, Gaussian i at byte i/8, bit i%8.</param>
internal sealed record OperandRequest(Guid? Selection, IReadOnlyList<int>? Indices, string? Bitmask)
{
    public void Check()
    {
        int given = (Selection is null ? 0 : 1) + (Indices is null ? 0 : 1) + (Bitmask is null ? 0 : 1);
        if (given != 1)
        {
            throw MembersRequest.Invalid("with holds exactly one of selection, indices and bitmask.");
        }
    }
}
