using System.Text.Json;
using Microsoft.Playwright;
using Saga.Api.Tests;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>Two people at one scene, and a service that goes away under them.</summary>
public sealed class TwoPagesTests(Browser browser) : IClassFixture<Browser>
{
    private const float TrainingPatienceMs = 120_000;

    [Fact]
    public async Task What_one_page_keeps_renames_and_deletes_the_other_shows()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await service.CreateReadySceneAsync();
        await using PageWindow one = await browser.OpenAsync(service);
        await using PageWindow other = await browser.OpenAsync(service);
        Picture picture = await Picture.OpenAsync(one.Page, id);
        Picture seen = await Picture.OpenAsync(other.Page, id);

        await picture.ClickBallAsync(left: true);
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await one.Button("Keep as segment").ClickAsync();
        await Expect(other.Page.GetByLabel("Name of Segment 1")).ToBeVisibleAsync(new() { Timeout = Picture.PatienceMs });
        await seen.ExpectCountAsync(0);

        await one.Page.GetByLabel("Name of Segment 1").FillAsync("Left ball");
        await one.Page.Keyboard.PressAsync("Enter");
        await Expect(other.Page.GetByLabel("Name of Left ball")).ToBeVisibleAsync(new() { Timeout = Picture.PatienceMs });
        await other.Button("Take Left ball").ClickAsync();
        await seen.ExpectCountAsync(TwoBlobs.Half);
        await other.KeepScreenshotAsync("second-page");

        await one.Button("Delete Left ball").ClickAsync();
        await Expect(other.Page.Locator(".segment")).ToHaveCountAsync(0, new() { Timeout = Picture.PatienceMs });
        await one.Page.Keyboard.PressAsync("Control+z");
        await Expect(other.Page.GetByLabel("Name of Left ball")).ToBeVisibleAsync(new() { Timeout = Picture.PatienceMs });

        // What the other page took stays lit there through all of it.
        await seen.ExpectCountAsync(TwoBlobs.Half);
        one.AssertQuiet();
        other.AssertQuiet();
    }

    [Fact]
    public async Task A_training_is_seen_in_both_pages_and_either_can_cancel_it()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Worker:Enabled=true");
        string id = await service.CreateSceneAsync(TwoBlobs.AllFiles);
        await using PageWindow one = await browser.OpenAsync(service);
        await using PageWindow other = await browser.OpenAsync(service);
        await one.Page.GotoAsync($"/#/scenes/{id}");
        await other.Page.GotoAsync($"/#/scenes/{id}");
        await Expect(other.Button("Train")).ToBeVisibleAsync();
        await one.Page.RouteAsync("**/jobs", route => route.Request.Method == "POST"
            ? route.ContinueAsync(new() { PostData = """{"kind":"train","options":{"iterations":100000,"raysPerIteration":64}}"""u8.ToArray() })
            : route.ContinueAsync());
        await one.Button("Train").ClickAsync();

        foreach (PageWindow window in new[] { one, other })
        {
            await Expect(window.Page.Locator(".badge-training")).ToBeVisibleAsync(new() { Timeout = TrainingPatienceMs });
            await Expect(window.Training).ToContainTextAsync("/ 100,000", new() { Timeout = TrainingPatienceMs });
        }

        await other.Button("Cancel").ClickAsync();
        foreach (PageWindow window in new[] { one, other })
        {
            await Expect(window.Training).ToContainTextAsync("Training was canceled", new() { Timeout = TrainingPatienceMs });
            window.AssertQuiet();
        }
    }

    [Fact]
    public async Task A_page_goes_on_after_the_service_was_restarted()
    {
        browser.Require();
        string folder = Path.Combine(Path.GetTempPath(), $"saga-page-{Guid.NewGuid():N}");
        ServiceHost first = await ServiceHost.StartInAsync(folder, ownsFolder: false);
        string id = await first.CreateReadySceneAsync();
        await using PageWindow window = await browser.OpenAsync(first);
        Picture picture = await Picture.OpenAsync(window.Page, id);
        await picture.ClickBallAsync(left: true);
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await window.Button("Keep as segment").ClickAsync();
        await Expect(window.Page.Locator(".segment")).ToHaveCountAsync(1);

        await picture.ClickBallAsync(left: true);
        await picture.ExpectCountAsync(TwoBlobs.Half);

        await first.DisposeAsync();
        await Expect(window.Training).ToContainTextAsync("trying again");
        await window.Button("Keep as segment").ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Check that it is still running");

        // What could not be kept is still selected.
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await window.Page.Keyboard.PressAsync("Escape");
        await window.Button("Dismiss this message").ClickAsync();
        await picture.ClickBallAsync(left: false);
        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Check that it is still running");
        await window.KeepScreenshotAsync("service-away");
        await Expect(window.Page.Locator(".segment")).ToHaveCountAsync(1);

        await using ServiceHost second = await ServiceHost.StartInAsync(folder, ownsFolder: true, $"urls={first.Address}");
        await Expect(window.Training).Not.ToContainTextAsync("trying again", new() { Timeout = Picture.PatienceMs });
        await window.Page.Keyboard.PressAsync("Control+z");
        await picture.ClickBallAsync(left: false);
        Assert.Equal(
            Enumerable.Range(TwoBlobs.Half, TwoBlobs.Count - TwoBlobs.Half), await picture.ExpectAnswerAsync(second, id));
        await window.Page.ReloadAsync();
        await Expect(window.Page.GetByLabel("Name of Segment 1")).ToBeVisibleAsync(new() { Timeout = Picture.PatienceMs });
        JsonElement kept = (await second.GetJsonAsync($"/api/v1/scenes/{id}/selections")).GetProperty("items")[0];
        Assert.Equal(TwoBlobs.Half, kept.GetProperty("selectedCount").GetInt32());
    }
}
