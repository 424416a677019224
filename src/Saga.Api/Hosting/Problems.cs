using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Saga.Api.Uploads;

namespace Saga.Api.Hosting;

/// <summary>Problem details (RFC 9457) with the contract's <c>code</c>, whatever the client accepts.</summary>
internal static class Problems
{
    /// <summary>What a client should wait before it tries again after 429 or 503, in seconds.</summary>
    private const string RetryAfterSeconds = "2";

    public static Task WriteAsync(HttpContext context, int status, string code, string detail)
    {
        var problem = new ProblemDetails
        {
            Status = status,
            Title = TitleOf(status),
            Detail = detail,
            Instance = context.Request.Path,
            Extensions =
            {
                ["code"] = code,
                ["traceId"] = Activity.Current?.Id ?? context.TraceIdentifier,
            },
        };
        context.Response.StatusCode = status;
        if (context.Response.Headers.RetryAfter.Count == 0 && status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        }

        return context.Response.WriteAsJsonAsync(problem, options: null, "application/problem+json", CancellationToken.None);
    }

    /// <summary>460 is tus's own and has no registered phrase.</summary>
    private static string TitleOf(int status) =>
        status == TusProtocol.ChecksumMismatch ? "Checksum Mismatch" : ReasonPhrases.GetReasonPhrase(status);

    /// <summary>Gives the framework's own bare refusals (unknown path, wrong method, timeout) a body with a code.</summary>
    public static Task DescribeStatusAsync(HttpContext context)
    {
        int status = context.Response.StatusCode;
        string detail = status switch
        {
            StatusCodes.Status404NotFound => $"Nothing is at {context.Request.Path}; /swagger lists every path.",
            StatusCodes.Status405MethodNotAllowed =>
                $"{context.Request.Method} is not possible at {context.Request.Path}; allowed: {context.Response.Headers.Allow}.",
            StatusCodes.Status413PayloadTooLarge => "The body is larger than this call accepts; files and selections have their own paths.",
            StatusCodes.Status415UnsupportedMediaType =>
                $"The content type «{LogText.Clean(context.Request.ContentType)}» is not accepted here; /swagger says what is.",
            StatusCodes.Status504GatewayTimeout => "The request took longer than this service allows.",
            _ => ReasonPhrases.GetReasonPhrase(status),
        };
        return WriteAsync(context, status, ProblemCodes.OfStatus(status), detail);
    }
}
