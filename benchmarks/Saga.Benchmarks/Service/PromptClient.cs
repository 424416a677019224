using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Saga.Engine.Rasterization;

namespace Saga.Benchmarks.Service;

/// <summary>One answer, seen from outside and from the service.</summary>
/// <param name="Milliseconds">From sending to the last byte.</param>
/// <param name="Timing">The parts of <c>Server-Timing</c>, milliseconds.</param>
internal sealed record PromptAnswer(double Milliseconds, IReadOnlyDictionary<string, double> Timing);

/// <summary>Sends prompts for bit masks, one positive point each, never two with the same scale.</summary>
internal sealed class PromptClient(Uri address, Guid sceneId, IReadOnlyList<(int View, PixelPosition Pixel)> points) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
    private int _sent;

    public async Task<PromptAnswer> SendAsync(CancellationToken cancellationToken)
    {
        int number = Interlocked.Increment(ref _sent);
        (int view, PixelPosition pixel) = points[number % points.Count];

        // The golden ratio's multiples never repeat and cover [0, 1] evenly.
        double scale = number * 0.6180339887 % 1;
        string body = FormattableString.Invariant(
            $$"""{"view":{{view}},"points":[{"x":{{pixel.X}},"y":{{pixel.Y}},"positive":true}],"scale":{{scale:0.#########}}}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/scenes/{sceneId}/segment")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/octet-stream"));
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"A prompt was answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }

        // Into memory that is used again: what the client's own collector does on these cores is not the service's speed.
        byte[] content = ArrayPool<byte>.Shared.Rent((int)response.Content.Headers.ContentLength!.Value);
        await using (Stream received = await response.Content.ReadAsStreamAsync(cancellationToken))
        {
            await received.ReadExactlyAsync(content.AsMemory(0, (int)response.Content.Headers.ContentLength.Value), cancellationToken);
        }

        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        ArrayPool<byte>.Shared.Return(content);

        return new PromptAnswer(milliseconds, Parse(response.Headers.GetValues("Server-Timing").Single()));
    }

    public void Dispose() => _http.Dispose();

    // load;dur=0.01, feature;dur=0.2, match;dur=1.1, total;dur=1.5
    private static Dictionary<string, double> Parse(string timing) => timing.Split(", ")
        .Select(part => part.Split(";dur="))
        .ToDictionary(part => part[0], part => double.Parse(part[1], CultureInfo.InvariantCulture));
}
