using Saga.Api.Hosting;
using Saga.Api.Selections;

namespace Saga.Api.Text;

/// <summary>A query in words.</summary>
/// <param name="Text">What to find, such as «yellow chair»; at most 200 characters.</param>
/// <param name="View">Only things seen in this view; everywhere unless given.</param>
internal sealed record TextRequest(string? Text, int? View)
{
    private const int MaxLength = 200;

    /// <exception cref="RefusedException">422 <c>invalid-prompt</c>.</exception>
    public void Check()
    {
        if (string.IsNullOrWhiteSpace(Text) || Text.Length > MaxLength || Text.Any(char.IsControl))
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.InvalidPrompt, $"text is empty, longer than {MaxLength} characters, or holds control characters; give a few words, such as \"yellow chair\".");
        }
    }
}

/// <summary>The answer to a query in words.</summary>
/// <param name="GaussianCount">Records in the uploaded file.</param>
/// <param name="Indices">Selected records of the uploaded file, ascending: the union of what the chosen matches select.</param>
/// <param name="Matches">What was found, best first; those that make up the selection are chosen.</param>
internal sealed record TextResponse(
    int GaussianCount, int SelectedCount, SelectionIndices Indices, IReadOnlyList<TextMatchResponse> Matches, TextTimings Timings);

/// <summary>One thing that was found: masks of several views that vote for the same Gaussians.</summary>
/// <param name="Score">Mean relevancy of its masks, 0 to 1; ½ fits as well as «object» or «stuff» would.</param>
/// <param name="MaskCount">Its masks.</param>
/// <param name="View">View of its best mask.</param>
/// <param name="Scale">Scale of its best mask, with which it is selected.</param>
/// <param name="BestScore">Relevancy of that mask.</param>
/// <param name="Chosen">True for what makes up the selection.</param>
internal sealed record TextMatchResponse(double Score, int MaskCount, int View, double Scale, double BestScore, bool Chosen);

/// <summary>Where the time went, milliseconds.</summary>
internal sealed record TextTimings(double LoadMs, double TextMs, double MatchMs, double TotalMs);
