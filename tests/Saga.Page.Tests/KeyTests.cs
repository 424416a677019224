using Microsoft.Playwright;
using Saga.Api.Tests;
using Saga.Persistence.Access;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

public sealed class KeyTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task The_page_asks_for_a_key_once_keeps_it_for_the_tab_and_works_with_it()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string scene = await service.CreateReadySceneAsync();
        string key = await service.Get<ApiKeyStore>().AddAsync(new ApiKeyRecord { Name = "page", Scope = ApiKeyScope.Write }, default);

        // A running service knows its first key within 5 seconds.
        await Task.Delay(TimeSpan.FromSeconds(6));
        await using PageWindow window = await browser.OpenAsync(service);
        IPage page = window.Page;
        ILocator dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "API key" });
        await Expect(dialog).ToContainTextAsync("This service asks for an API key");
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync("key");

        await dialog.GetByLabel("Key").FillAsync(ApiKeyText.Create());
        await window.Button("Use this key").ClickAsync();
        await Expect(dialog).ToContainTextAsync("not known here");
        await dialog.GetByLabel("Key").FillAsync(key);
        await window.Button("Use this key").ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "test scene" })).ToBeVisibleAsync();

        // Its picture cannot send a header itself; and after a reload nothing is asked again.
        await Expect(page.Locator(".card-picture img")).ToHaveAttributeAsync("src", new System.Text.RegularExpressions.Regex("^blob:"));
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "test scene" })).ToBeVisibleAsync();
        await Expect(dialog).ToHaveCountAsync(0);

        await page.GotoAsync($"/#/scenes/{scene}");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "test scene", Level = 1 })).ToBeVisibleAsync();
        await Expect(page.Locator(".view-strip img").First).ToHaveAttributeAsync("src", new System.Text.RegularExpressions.Regex("^blob:"));
        Assert.DoesNotContain(
            window.Requests, url => url.Contains(key, StringComparison.Ordinal) && !url.Contains("/hubs/progress", StringComparison.Ordinal));
    }
}
