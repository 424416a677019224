using Microsoft.Playwright;
using Saga.Api.Tests;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>Every screen and dialog through axe, in dark and light, wide and as narrow as a phone; a screenshot of each is kept.</summary>
public sealed class AccessibilityTests(Browser browser) : IClassFixture<Browser>
{
    [Theory]
    [InlineData(ColorScheme.Dark, 1100, 680)]
    [InlineData(ColorScheme.Light, 1100, 680)]
    [InlineData(ColorScheme.Dark, 390, 844)]
    [InlineData(ColorScheme.Light, 390, 844)]
    public async Task Every_screen_and_dialog_is_accessible(ColorScheme colors, int width, int height)
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await using PageWindow window = await browser.OpenAsync(service, colors, width, height);
        IPage page = window.Page;
        string suffix = $"{colors.ToString().ToLowerInvariant()}-{width}";
        async Task LookAsync(string what)
        {
            await window.AssertAccessibleAsync();
            await window.KeepScreenshotAsync($"{what}-{suffix}");
            Assert.True(
                await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{what} is wider than its window.");
        }

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Pick objects" })).ToBeVisibleAsync();
        await LookAsync("first");
        await page.Keyboard.PressAsync("?");
        await Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "Keyboard" })).ToBeVisibleAsync();
        await LookAsync("help");
        await page.Keyboard.PressAsync("Escape");

        await window.Button("New scene").ClickAsync();
        await LookAsync("upload-empty");
        await page.ChooseAsync(Files.Of("points.ply", TwoBlobs.WritePly(["x", "y", "z"], "float", [[0, 0, 0]])), Files.Cameras);
        await window.Button("Upload").ClickAsync();
        await Expect(window.Button("Try again")).ToBeVisibleAsync();
        await LookAsync("upload-refused");
        await window.Button("Cancel").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        string untrained = await service.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"));
        string id = await service.CreateReadySceneAsync();
        await page.ReloadAsync();
        await Expect(page.Locator(".card")).ToHaveCountAsync(2);
        await LookAsync("list");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete test scene" }).First.ClickAsync();
        await LookAsync("delete");
        await window.Button("Keep it").ClickAsync();

        await page.GotoAsync($"/#/scenes/{untrained}");
        await Expect(window.Training).ToContainTextAsync("The service makes the masks");
        await LookAsync("untrained");

        (await service.PutAsync($"/api/v1/scenes/{id}/model", TwoBlobs.ModelWithParts)).Expect(204);
        Picture picture = await Picture.OpenAsync(page, id);
        await picture.ClickBallAsync(left: true, up: 4);
        await Expect(picture.Candidates).ToHaveCountAsync(2, new() { Timeout = Picture.PatienceMs });
        await page.Keyboard.DownAsync("Shift");
        await picture.ClickBallAsync(left: false);
        await page.Keyboard.UpAsync("Shift");
        await Expect(page.Locator(".marker-negative")).ToHaveCountAsync(1);
        await LookAsync("prompted");
        await window.Button("Keep as segment").ClickAsync();
        await Expect(page.Locator(".segment")).ToHaveCountAsync(1);
        await window.Button("Hide Segment 1").ClickAsync();
        await Expect(window.Button("Show Segment 1")).ToBeVisibleAsync();
        foreach (string mode in new[] { "Colour", "Isolate", "Hide", "Similarity", "Features", "Depth" })
        {
            await page.GetByRole(AriaRole.Group, new() { Name = "What the picture shows" })
                .GetByRole(AriaRole.Button, new() { Name = mode, Exact = true }).ClickAsync();
        }

        await LookAsync("segments");
        await page.GotoAsync("/#/scenes/00000000-0000-0000-0000-000000000001");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "does not exist" })).ToBeVisibleAsync();
        await LookAsync("gone");
        window.AssertQuiet();
    }
}
