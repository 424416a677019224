using Microsoft.Extensions.Primitives;
using Saga.Api.Hosting;

namespace Saga.Api.Uploads;

/// <summary>What every request and answer of the tus protocol carries.</summary>
internal static class TusProtocol
{
    public const string Version = "1.0.0";
    public const string Extensions = "creation,creation-with-upload,checksum,termination,expiration";
    public const string ContentType = "application/offset+octet-stream";

    /// <summary>tus's own status: the body does not hash to what Upload-Checksum promised.</summary>
    public const int ChecksumMismatch = 460;

    public const string ResumableHeader = "Tus-Resumable";
    public const string VersionHeader = "Tus-Version";
    public const string ExtensionHeader = "Tus-Extension";
    public const string MaxSizeHeader = "Tus-Max-Size";
    public const string AlgorithmsHeader = "Tus-Checksum-Algorithm";
    public const string LengthHeader = "Upload-Length";
    public const string DeferLengthHeader = "Upload-Defer-Length";
    public const string OffsetHeader = "Upload-Offset";
    public const string MetadataHeader = "Upload-Metadata";
    public const string ChecksumHeader = "Upload-Checksum";
    public const string ExpiresHeader = "Upload-Expires";

    private const string Root = "/api/v1/uploads";

    /// <summary>Before routing, because a client behind a proxy that knows only POST names the method in a header.</summary>
    public static void UseTus(this IApplicationBuilder app) =>
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Root), uploads =>
        {
            uploads.UseHttpMethodOverride();
            uploads.Use((context, next) =>
            {
                // At the start of the answer: a refusal empties the headers that were set before.
                context.Response.OnStarting(() =>
                {
                    context.Response.Headers[ResumableHeader] = Version;
                    return Task.CompletedTask;
                });
                return next(context);
            });
        });

    /// <summary>After the caller is known to be let in: whoever is not is told that first.</summary>
    public static void UseTusVersion(this IApplicationBuilder app) =>
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Root), uploads => uploads.Use((context, next) =>
        {
            RequireVersion(context);
            return next(context);
        }));

    private static void RequireVersion(HttpContext context)
    {
        StringValues version = context.Request.Headers[ResumableHeader];
        if (version == Version || HttpMethods.IsOptions(context.Request.Method))
        {
            return;
        }

        context.Response.OnStarting(() =>
        {
            context.Response.Headers[VersionHeader] = Version;
            return Task.CompletedTask;
        });
        throw new RefusedException(
            StatusCodes.Status412PreconditionFailed,
            ProblemCodes.UnsupportedVersion,
            $"{ResumableHeader} is {(version.Count == 0 ? "missing" : $"«{LogText.Clean(version)}»")}; uploads speak tus {Version}.");
    }
}
