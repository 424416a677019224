using Microsoft.AspNetCore.StaticFiles;

namespace Saga.Api.Hosting;

/// <summary>Serves the page, which the build put into <c>wwwroot</c> beside the program, at <c>/</c>.</summary>
internal static class PageFiles
{
    /// <summary>
    /// Everything comes from this service, and nothing is evaluated. The viewer starts its sorter from a blob, and pictures
    /// that were fetched are shown from blobs.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Names below <c>/assets</c> hold the hash of their content.</summary>
    private const string Immutable = "public, max-age=31536000, immutable";

    public static void UsePage(this IApplicationBuilder app)
    {
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = SetHeaders });
    }

    private static void SetHeaders(StaticFileResponseContext file)
    {
        IHeaderDictionary headers = file.Context.Response.Headers;
        headers.CacheControl = file.Context.Request.Path.StartsWithSegments("/assets") ? Immutable : "no-cache";
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
    }
}
