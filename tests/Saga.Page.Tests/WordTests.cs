using Microsoft.Playwright;
using Saga.Api.Tests;
using Saga.Tests.Onnx;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>The text box, with a small model that has CLIP's interface and knows colours: the left ball is red, the right one blue.</summary>
public sealed class WordTests(Browser browser) : IClassFixture<Browser>
{
    private const float PatienceMs = 60_000;

    [Theory]
    [InlineData(1100, 680)]
    [InlineData(390, 844)]
    public async Task Words_prepare_the_scene_once_and_select_what_they_describe(int width, int height)
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Worker:Enabled=true");
        ColorClip.Write(Path.Combine(service.Folder, "models", "clip"));
        string id = await service.CreateSceneAsync(
            ("gaussians", TwoBlobs.Ply, "blobs.ply"), ("cameras", TwoBlobs.Cameras, "cameras.json"), ("masks", TwoBlobs.Masks, "masks.zip"));
        (await service.PutAsync($"/api/v1/scenes/{id}/model", TwoBlobs.Model)).Expect(204);
        await using PageWindow window = await browser.OpenAsync(service, ColorScheme.Light, width, height);
        IPage page = window.Page;
        Picture picture = await Picture.OpenAsync(page, id);
        ILocator box = page.GetByLabel("What to find");
        await Expect(window.Button("Find")).ToBeDisabledAsync();

        await box.FillAsync("red");
        await box.PressAsync("Enter");
        await Expect(page.GetByText("has not yet looked at this scene in words")).ToBeVisibleAsync();
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync($"words-unprepared-{width}");

        await window.Button("Prepare the scene").ClickAsync();
        await picture.ExpectCountAsync(TwoBlobs.Half, PatienceMs);
        await Expect(page.GetByText($"«red»: {TwoBlobs.Half} Gaussians")).ToBeVisibleAsync();
        await Expect(page.Locator(".match")).ToHaveCountAsync(2);
        await Expect(page.Locator(".match-chosen")).ToHaveCountAsync(1);
        await box.ScrollIntoViewIfNeededAsync();
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync($"words-found-{width}");
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));

        // Joined as clicks are, and undone as clicks are.
        await window.Button("Add").ClickAsync();
        await box.FillAsync("blue");
        await window.Button("Find").ClickAsync();
        await picture.ExpectCountAsync(TwoBlobs.Count);
        await window.Button("Undo").ClickAsync();
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await window.Button("Keep as segment").ClickAsync();
        await Expect(page.Locator(".segment")).ToHaveCountAsync(1);
        await page.Locator(".match").First.ClickAsync();
        window.AssertQuiet();
    }

    [Fact]
    public async Task A_preparation_under_way_is_found_again_after_a_reload()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        ColorClip.Write(Path.Combine(service.Folder, "models", "clip"));
        string id = await service.CreateReadySceneAsync();
        (await service.PostAsync($"/api/v1/scenes/{id}/jobs", new { kind = "vocabulary" })).Expect(202);
        await using PageWindow window = await browser.OpenAsync(service);
        await Picture.OpenAsync(window.Page, id);
        await Expect(window.Page.GetByRole(AriaRole.Progressbar, new() { Name = "Preparing for words" })).ToBeVisibleAsync();
        await Expect(window.Page.GetByText("Waiting for a free worker")).ToBeVisibleAsync();

        // A training's bar shows trainings.
        await Expect(window.Button("Train again")).ToBeVisibleAsync();
        await window.Button("Cancel").ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Progressbar)).ToHaveCountAsync(0);
        window.AssertQuiet();
    }

    [Fact]
    public async Task Without_the_model_the_page_says_how_to_install_it()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await service.CreateReadySceneAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        IPage page = window.Page;
        await Picture.OpenAsync(page, id);
        await page.GetByLabel("What to find").FillAsync("yellow chair");
        await window.Button("Find").ClickAsync();
        await page.GetByText("How to install it").ClickAsync();
        await Expect(page.Locator(".words-detail")).ToContainTextAsync("./run models");
        await Expect(page.Locator(".toast")).ToHaveCountAsync(0);
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync("words-without-model");
        window.AssertQuiet();
    }
}
