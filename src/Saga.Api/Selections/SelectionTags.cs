using System.Globalization;
using Microsoft.Net.Http.Headers;
using Saga.Api.Hosting;
using Saga.Persistence.Selections;

namespace Saga.Api.Selections;

/// <summary>The version of a selection as an ETag, and what a request expects it to be.</summary>
internal static class SelectionTags
{
    public static void Write(HttpResponse response, SelectionRecord selection)
    {
        response.Headers.ETag = TagOf(selection.Version);
        response.Headers.Vary = HeaderNames.Accept;
    }

    /// <summary>What If-Match allows; without it, any version.</summary>
    /// <exception cref="RefusedException">400 <c>invalid-request</c>: it cannot be read.</exception>
    public static ExpectedVersion Expected(HttpRequest request)
    {
        if (request.Headers.IfMatch.Count == 0)
        {
            return default;
        }

        if (!EntityTagHeaderValue.TryParseStrictList(request.Headers.IfMatch!, out IList<EntityTagHeaderValue>? tags))
        {
            throw RefusedException.BadRequest(
                $"If-Match is «{LogText.Clean(request.Headers.IfMatch.ToString())}»; give the ETag of a selection, such as \"3\", or *.");
        }

        // What is no version of ours matches none. Weak tags never match here (RFC 9110, 13.1.1).
        return tags.Contains(EntityTagHeaderValue.Any)
            ? default
            : new ExpectedVersion([.. tags.Where(tag => !tag.IsWeak).Select(VersionOf).OfType<int>()]);
    }

    /// <summary>True when the client has this version: If-None-Match names it.</summary>
    public static bool IsKnown(HttpRequest request, SelectionRecord selection) => request.GetTypedHeaders().IfNoneMatch.Any(
        tag => tag.Equals(EntityTagHeaderValue.Any) || VersionOf(tag) == selection.Version);

    /// <exception cref="RefusedException">404, 409 or 412: the change was not made.</exception>
    public static SelectionRecord Require(SelectionWrite write, Guid sceneId, Guid selectionId, string? nothingCode = null) => write switch
    {
        { Outcome: SelectionOutcome.Done, Selection: { } selection } => selection,
        { Outcome: SelectionOutcome.VersionMismatch } => throw Changed(write.Selection!),
        { Outcome: SelectionOutcome.NoRevision } => throw RefusedException.Conflict(
            nothingCode!,
            $"The selection is at revision {write.Selection!.Revision}, "
            + $"the {(nothingCode == ProblemCodes.NothingToUndo ? "oldest" : "newest")} that is kept; GET its /revisions lists them."),
        _ => throw NotFound(sceneId, selectionId),
    };

    public static RefusedException NotFound(Guid sceneId, Guid selectionId) => RefusedException.NotFound(
        ProblemCodes.SelectionNotFound, $"Scene {sceneId} has no selection {selectionId}; GET its /selections lists them.");

    private static RefusedException Changed(SelectionRecord now) => new(
        StatusCodes.Status412PreconditionFailed,
        ProblemCodes.SelectionChanged,
        $"The selection was changed meanwhile: its ETag is {TagOf(now.Version)}, which If-Match does not name. "
        + "GET it, see whether the change still makes sense, and send it again with that ETag.");

    private static string TagOf(int version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    private static int? VersionOf(EntityTagHeaderValue tag) =>
        int.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out int version) ? version : null;
}
