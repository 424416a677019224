namespace Saga.Api.Hosting;

/// <summary>What a person sees who opens the service's address.</summary>
internal static class StartPage
{
    private const string Html = """
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>Saga</title>
          <style>
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color: #1d2733; }
            code { background: #eef1f4; padding: .1em .3em; border-radius: 3px; }
            a { color: #0b63c5; }
          </style>
        </head>
        <body>
          <h1>Saga</h1>
          <p>Upload a 3D Gaussian splat, train it on masks of its photos, click a point: get the Gaussians of that object.</p>
          <ul>
            <li><a href="/swagger">/swagger</a>: every call, to read and to try</li>
            <li><a href="/api/v1/scenes">/api/v1/scenes</a>: the scenes of this service</li>
            <li><a href="/api/v1/jobs">/api/v1/jobs</a>: its training jobs</li>
            <li><code>/hubs/progress</code>: live progress over SignalR</li>
            <li><a href="/health/ready">/health/ready</a>: whether it can work, and what is wrong if not</li>
          </ul>
        </body>
        </html>
        """;

    public static void MapStartPage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/", () => TypedResults.Content(Html, "text/html; charset=utf-8")).ExcludeFromDescription();
}
