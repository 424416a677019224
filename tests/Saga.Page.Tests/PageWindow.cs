using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;

namespace Saga.Page.Tests;

/// <summary>A window with the page, and what it asked for and complained about.</summary>
internal sealed class PageWindow : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly string _address;
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private PageWindow(IBrowserContext context, IPage page, string address)
    {
        _context = context;
        _address = address;
        Page = page;
        page.Request += (_, request) => _requests.Enqueue(request.Url);
        page.WebSocket += (_, socket) => _requests.Enqueue(socket.Url);
        page.PageError += (_, error) => _errors.Enqueue(error);
        page.Console += (_, message) =>
        {
            // A refusal is an answer; the browser writes it down as an error as well.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                _errors.Enqueue(message.Text);
            }
        };
    }

    public IPage Page { get; }

    public IReadOnlyCollection<string> Requests => _requests;

    public static async Task<PageWindow> CreateAsync(IBrowserContext context, string address) =>
        new(context, await context.NewPageAsync(), address);

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>The page's job bar.</summary>
    public ILocator Training => Page.GetByRole(AriaRole.Region, new() { Name = "Training", Exact = true });

    /// <summary>Every address was this service's, and no script or security policy complained.</summary>
    public void AssertQuiet()
    {
        string sockets = _address.Replace("http://", "ws://", StringComparison.Ordinal);
        Assert.All(_requests, url => Assert.True(
            url.StartsWith(_address + "/", StringComparison.Ordinal)
                || url.StartsWith(sockets + "/", StringComparison.Ordinal)
                || url.StartsWith($"blob:{_address}/", StringComparison.Ordinal),
            $"The page asked for {url}"));
        Assert.Empty(_errors);
    }

    /// <summary>Keeps what is to be seen, for people to look at.</summary>
    public Task KeepScreenshotAsync(string name) =>
        Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(ScreenshotFolder(), name + ".png"), Animations = ScreenshotAnimations.Disabled });

    /// <summary>Checks the page with axe-core: WCAG 2.2 A and AA, and its best practices.</summary>
    public async Task AssertAccessibleAsync()
    {
        string axe = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "axe.min.js"));
        await Page.EvaluateAsync(axe);
        JsonElement violations = (await Page.EvaluateAsync("() => axe.run().then(found => found.violations)"))!.Value;
        string[] words = [.. violations.EnumerateArray().SelectMany(violation => violation.GetProperty("nodes").EnumerateArray().Select(node =>
            $"{violation.GetProperty("id").GetString()}: {violation.GetProperty("help").GetString()}: {node.GetProperty("html").GetString()} {node.GetProperty("failureSummary").GetString()}"))];
        Assert.True(words.Length == 0, string.Join('\n', words));
    }

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private static string ScreenshotFolder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SagaService.sln")))
        {
            folder = folder.Parent;
        }

        return Directory.CreateDirectory(Path.Combine(folder?.FullName ?? AppContext.BaseDirectory, "TestResults", "screenshots")).FullName;
    }
}
