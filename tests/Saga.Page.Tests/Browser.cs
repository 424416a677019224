using Microsoft.Playwright;

namespace Saga.Page.Tests;

/// <summary>One Chromium for all tests; each test has a context of its own in it.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>Debian's; Playwright's own downloads are not used.</summary>
    private const string Executable = "/usr/bin/chromium";

    private static readonly string[] Arguments =
    [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (File.Exists(Executable))
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(
                new BrowserTypeLaunchOptions { ExecutablePath = Executable, ChromiumSandbox = false, Args = Arguments });
        }
    }

    /// <summary>Opens the service's page in a fresh window; skips the test where there is no browser.</summary>
    internal async Task<PageWindow> OpenAsync(
        Saga.Api.Tests.ServiceHost service, ColorScheme colors = ColorScheme.Dark, int width = 1100, int height = 680, bool touch = false)
    {
        IBrowserContext context = await Require().NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = service.Address,
            ColorScheme = colors,
            Locale = "en-GB",
            HasTouch = touch,
            IsMobile = touch,
            ViewportSize = new ViewportSize { Width = width, Height = height },
        });
        PageWindow window = await PageWindow.CreateAsync(context, service.Address);
        await window.Page.GotoAsync("/");
        return window;
    }

    /// <summary>Skips the test, before it starts a service, where there is no browser.</summary>
    internal IBrowser Require()
    {
        if (_browser is null)
        {
            Assert.Skip($"{Executable} is missing. (Debian: apt-get install chromium)");
        }

        return _browser;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
    }
}
