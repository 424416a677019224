using Microsoft.Playwright;
using Saga.Api.Tests;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>The sample scene, for a first look.</summary>
public sealed class SampleTests(Browser browser) : IClassFixture<Browser>
{
    private const float PatienceMs = 120_000;

    [Fact]
    public async Task One_click_opens_the_sample_which_is_then_in_the_list_with_its_picture_state_and_size()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        IPage page = window.Page;
        await window.Button("Open the sample").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Playroom", Level = 1 })).ToBeVisibleAsync(new() { Timeout = PatienceMs });
        await Expect(page.Locator(".viewer-canvas")).ToBeVisibleAsync(new() { Timeout = PatienceMs });
        await Expect(page.Locator(".picture-note")).ToBeHiddenAsync(new() { Timeout = PatienceMs });
        await Expect(page.Locator(".view img[src*='/photo?']")).ToHaveCountAsync(60);
        await Expect(window.Button("Train")).ToBeEnabledAsync();
        await window.KeepScreenshotAsync("sample");

        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the scenes" }).ClickAsync();
        ILocator card = page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Playroom" });
        await Expect(card).ToContainTextAsync("not trained");
        await Expect(card).ToContainTextAsync("181.8K Gaussians");
        await Expect(card).ToContainTextAsync("60 views");
        await page.WaitForFunctionAsync(
            "() => document.querySelector('.card img')?.naturalWidth > 0", null, new() { Timeout = PatienceMs });
        await window.KeepScreenshotAsync("sample-in-the-list");
        await card.GetByRole(AriaRole.Link, new() { Name = "Playroom" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Playroom", Level = 1 })).ToBeVisibleAsync();
        window.AssertQuiet();
    }
}
