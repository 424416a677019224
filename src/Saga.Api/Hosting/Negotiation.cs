using Microsoft.Net.Http.Headers;

namespace Saga.Api.Hosting;

/// <summary>Which of two forms of an answer the client asks for.</summary>
internal static class Negotiation
{
    /// <summary>How much more a type counts per step of being named more exactly; only breaks ties.</summary>
    private const double NamedOutright = 1e-3;

    /// <summary>True when <paramref name="mediaType"/> is accepted with more weight than <paramref name="over"/>; a tie keeps the default.</summary>
    public static bool Prefers(HttpRequest request, string mediaType, string over) =>
        Quality(request, mediaType) > Quality(request, over);

    private static double Quality(HttpRequest request, string mediaType)
    {
        // The most specific range decides: a type named outright outweighs the */* beside it.
        double quality = 0;
        int best = -1;
        foreach (MediaTypeHeaderValue range in request.GetTypedHeaders().Accept)
        {
            int specificity = range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;
            if (specificity > best && new MediaTypeHeaderValue(mediaType).IsSubsetOf(range))
            {
                best = specificity;
                quality = (range.Quality ?? 1) * (1 + specificity * NamedOutright);
            }
        }

        return quality;
    }
}
