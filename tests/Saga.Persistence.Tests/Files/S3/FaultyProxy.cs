using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Saga.Persistence.Tests.Files.S3;

/// <summary>What becomes of one request on its way.</summary>
/// <param name="Status">Answered with this, without asking the server; 0: passed on.</param>
/// <param name="CutRequestAfter">The client's connection is cut after so many bytes of the request's body.</param>
/// <param name="CutAnswerAfter">The client's connection is cut after so many bytes of the answer's body.</param>
/// <param name="FlipAt">Byte of the answer's body that arrives damaged.</param>
internal sealed record Fault(int Status = 0, long? CutRequestAfter = null, long? CutAnswerAfter = null, long? FlipAt = null);

/// <summary>A proxy before an object store that breaks what a test tells it to. Headers pass unchanged, so signatures hold.</summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private const int BufferBytes = 1 << 14;

    private readonly HttpClient _server = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
    private readonly Uri _target;
    private readonly WebApplication _app;
    private readonly List<string> _requests = [];

    private FaultyProxy(Uri target)
    {
        _target = target;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        _app = builder.Build();
        _app.Run(PassAsync);
    }

    /// <summary>Decides for each request; null passes it on.</summary>
    public Func<HttpRequest, Fault?> Break { get; set; } = _ => null;

    public Uri Address => new(_app.Urls.First());

    /// <summary>Method, path and range of all requests so far.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static async Task<FaultyProxy> StartAsync(Uri target)
    {
        var proxy = new FaultyProxy(target);
        await proxy._app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _server.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        lock (_requests)
        {
            _requests.Add($"{context.Request.Method} {context.Request.Path} {context.Request.Headers.Range}".TrimEnd());
        }

        Fault fault = Break(context.Request) ?? new Fault();
        if (fault.Status != 0)
        {
            context.Response.StatusCode = fault.Status;
            return;
        }

        try
        {
            using HttpResponseMessage answer = await _server.SendAsync(
                Request(context, fault), HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            foreach ((string name, IEnumerable<string> values) in answer.Headers.Concat(answer.Content.Headers))
            {
                if (name != "Transfer-Encoding")
                {
                    context.Response.Headers[name] = values.ToArray();
                }
            }

            await using Stream body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
            await CopyAsync(body, context.Response.Body, fault.CutAnswerAfter, fault.FlipAt, context.RequestAborted);
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            context.Abort();
        }
    }

    private HttpRequestMessage Request(HttpContext context, Fault fault)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(_target, target));
        if (context.Request.ContentLength is not null)
        {
            request.Content = new Body(context.Request.Body, fault.CutRequestAfter);
        }

        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in context.Request.Headers)
        {
            if (name != "Expect" && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        return request;
    }

    private static async Task CopyAsync(Stream from, Stream to, long? cutAfter, long? flipAt, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferBytes];
        for (long done = 0; ;)
        {
            int wanted = (int)Math.Min(buffer.Length, (cutAfter ?? long.MaxValue) - done);
            if (wanted == 0)
            {
                await to.FlushAsync(cancellationToken);
                throw new IOException("Cut.");
            }

            int read = await from.ReadAsync(buffer.AsMemory(0, wanted), cancellationToken);
            if (read == 0)
            {
                return;
            }

            if (flipAt is { } at && at >= done && at < done + read)
            {
                buffer[at - done] ^= 1;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            done += read;
        }
    }

    private sealed class Body(Stream body, long? cutAfter) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            CopyAsync(body, stream, cutAfter, null, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
