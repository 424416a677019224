using System.Text.Json;
using Microsoft.Playwright;
using Saga.Api.Tests;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>Clicks in the picture, against what the service answers to the same clicks.</summary>
public sealed class PromptTests(Browser browser) : IClassFixture<Browser>
{
    private const string WithoutWebGl =
        """
        const original = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) { return /webgl/.test(kind) ? null : original.call(this, kind, ...rest); };
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_click_selects_the_object_and_it_can_be_joined_undone_kept_and_exported(bool withoutWebGl)
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await service.CreateReadySceneAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        IPage page = window.Page;
        if (withoutWebGl)
        {
            await page.AddInitScriptAsync(WithoutWebGl);
            await page.ReloadAsync();
        }

        Picture picture = await Picture.OpenAsync(page, id, withoutWebGl);

        await picture.ClickBallAsync(left: true);
        await picture.ExpectCountAsync(TwoBlobs.Half);
        Assert.Equal(TwoBlobs.Half, (await picture.ExpectAnswerAsync(service, id)).Length);
        await Expect(page.Locator(".marker-positive")).ToHaveCountAsync(1);
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync(withoutWebGl ? "prompt-without-webgl" : "prompt");

        await window.Button("Add").ClickAsync();
        await picture.ClickBallAsync(left: false);
        await picture.ExpectCountAsync(TwoBlobs.Count);
        await page.Keyboard.PressAsync("Control+z");
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await page.Keyboard.PressAsync("Control+i");
        await picture.ExpectCountAsync(TwoBlobs.Count - TwoBlobs.Half);
        await page.Keyboard.PressAsync("Control+z");

        byte[] indices = await ExportTests.SaveAsync(window, "The selection", "Indices", "test-scene-object.json");
        Assert.Equal(Enumerable.Range(0, TwoBlobs.Half), JsonSerializer.Deserialize<int[]>(indices)!);

        await page.Locator(".viewer").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".segment")).ToHaveCountAsync(1);
        JsonElement kept = (await service.GetJsonAsync($"/api/v1/scenes/{id}/selections")).GetProperty("items")[0];
        Assert.Equal(TwoBlobs.Half, kept.GetProperty("selectedCount").GetInt32());
        window.AssertQuiet();
    }

    [Theory]
    [InlineData("blobs.spz", true)]
    [InlineData("blobs.splat", true)]
    [InlineData("blobs.compressed.ply", false)]
    public async Task A_scene_of_another_format_is_shown_and_clicked_like_any_other(string name, bool isConverted)
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string plain = await service.CreateReadySceneAsync();
        byte[] model = await service.Client.GetByteArrayAsync($"/api/v1/scenes/{plain}/model?format=published");
        string format = name["blobs.".Length..];
        byte[] gaussians = await service.Client.GetByteArrayAsync($"/api/v1/scenes/{plain}/gaussians?format={format}");
        string id = await service.CreateSceneAsync(("gaussians", gaussians, name), ("cameras", TwoBlobs.Cameras, "cameras.json"));
        await using PageWindow window = await browser.OpenAsync(service);
        if (isConverted)
        {
            // The others keep the records in another order, which this model is not of.
            (await service.PutAsync($"/api/v1/scenes/{id}/model", model)).Expect(204);
        }

        Picture picture = await Picture.OpenAsync(window.Page, id);
        await window.KeepScreenshotAsync(name);

        Assert.Equal(isConverted, window.Requests.Any(url => url.EndsWith("/gaussians?format=ply", StringComparison.Ordinal)));
        if (isConverted)
        {
            await picture.ClickBallAsync(left: true);
            await Expect(window.Page.Locator(".numbers [role=status]")).ToHaveTextAsync(
                $"{TwoBlobs.Half} of {TwoBlobs.Count} Gaussians", new() { Timeout = Picture.PatienceMs });
        }

        window.AssertQuiet();
    }

    [Fact]
    public async Task A_point_in_the_middle_needs_no_pointer_and_is_deleted_by_its_key()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await service.CreateReadySceneAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        await Picture.OpenAsync(window.Page, id);

        // A kept ball, flown to, is what the middle of the picture shows.
        string members = string.Join(',', Enumerable.Range(0, TwoBlobs.Half));
        await service.PostTextAsync($"/api/v1/scenes/{id}/selections", $$"""{"name":"Left","indices":[{{members}}]}""");
        await window.Page.ReloadAsync();
        Picture picture = await Picture.OpenAsync(window.Page, id);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Take Left", Exact = true }).ClickAsync();
        await window.Page.Keyboard.PressAsync("f");
        await window.Page.Keyboard.PressAsync("Escape");
        await window.Page.Locator(".viewer").FocusAsync();
        await window.Page.Keyboard.PressAsync("Space");
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await window.Page.Locator(".marker").FocusAsync();
        await window.Page.Keyboard.PressAsync("Delete");
        await Expect(window.Page.Locator(".marker")).ToHaveCountAsync(0);
        await picture.ExpectCountAsync(0);
    }
}
