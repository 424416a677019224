using System.Text.Json;
using Microsoft.Playwright;
using Saga.Api.Tests;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

public sealed class SceneListTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task The_page_loads_from_the_service_alone()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Name = "Pick objects out of a Gaussian splat" })).ToBeVisibleAsync();
        await window.KeepScreenshotAsync("first-visit");
        Assert.Contains(window.Requests, url => url.EndsWith("/api/v1/scenes?page=1&pageSize=200", StringComparison.Ordinal));
        window.AssertQuiet();
    }

    [Fact]
    public async Task Scripts_are_kept_by_the_browser_and_the_page_is_asked_for_again()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        using HttpResponseMessage index = await service.Client.GetAsync("/");
        Assert.Equal("no-cache", index.Headers.CacheControl?.ToString());
        Assert.Contains("default-src 'none'", string.Join(' ', index.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        string script = window.Requests.Single(url => url.EndsWith(".js", StringComparison.Ordinal));
        using HttpResponseMessage answer = await service.Client.GetAsync(script);
        Assert.Contains("immutable", answer.Headers.CacheControl?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chosen_files_become_a_scene()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        IPage page = window.Page;
        await window.Button("New scene").ClickAsync();
        ILocator dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("there is no scene without it");
        await page.ChooseAsync(Files.Ply, Files.Cameras);
        await Expect(dialog.GetByLabel("File for gaussians")).ToContainTextAsync("blobs.ply");
        await Expect(dialog).ToContainTextAsync("None. SAM’s JSON");
        await window.KeepScreenshotAsync("upload-without-masks");

        await page.ChooseAsync(Files.Masks);
        await Expect(dialog.GetByLabel("File for masks")).ToContainTextAsync("4 mask files");
        await dialog.GetByLabel("Name of the scene").FillAsync("Two blobs");
        await window.AssertAccessibleAsync();
        await window.Button("Upload").ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Two blobs", Level = 1 })).ToBeVisibleAsync();
        JsonElement scene = (await service.GetJsonAsync("/api/v1/scenes")).GetProperty("items")[0];
        Assert.Equal(TwoBlobs.Count, scene.GetProperty("gaussianCount").GetInt32());
        Assert.Equal(TwoBlobs.Views, scene.GetProperty("viewCount").GetInt32());
        Assert.Equal(2 * TwoBlobs.Views, scene.GetProperty("maskCount").GetInt32());

        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the scenes" }).ClickAsync();
        ILocator card = page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Two blobs" });
        await Expect(card).ToContainTextAsync("not trained");
        await Expect(card.Locator("img")).ToHaveJSPropertyAsync("complete", true);
        window.AssertQuiet();
    }

    [Fact]
    public async Task One_zip_with_everything_becomes_a_scene()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        byte[] zip = TwoBlobs.Zip(
        [
            ("scene/point_cloud/iteration_30000/point_cloud.ply", TwoBlobs.Ply),
            ("scene/cameras.json", TwoBlobs.Cameras),
            ("scene/cfg_args", [1, 2, 3]),
            ("scene/images/view_000.png", TwoBlobs.OnePixelPng),
            ("scene/images/view_001.png", TwoBlobs.OnePixelPng),
            .. Enumerable.Range(0, TwoBlobs.Views).Select(i => ($"scene/sam_masks/view_{i:000}.json", TwoBlobs.SamJson(i))),
        ]);
        await window.Page.DropAsync(Files.Of("whole.zip", zip));
        await Expect(window.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("cfg_args");
        await Expect(window.Page.GetByLabel("Name of the scene")).ToHaveValueAsync("whole");
        await window.Button("Upload").ClickAsync();

        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Name = "whole", Level = 1 })).ToBeVisibleAsync();
        JsonElement scene = (await service.GetJsonAsync("/api/v1/scenes")).GetProperty("items")[0];
        Assert.Equal(2 * TwoBlobs.Views, scene.GetProperty("maskCount").GetInt32());
        JsonElement views = await service.GetJsonAsync($"/api/v1/scenes/{scene.GetProperty("id").GetString()}/views");
        Assert.Equal([true, true, false, false], views.EnumerateArray().Select(view => view.GetProperty("hasImage").GetBoolean()));
        window.AssertQuiet();
    }

    [Fact]
    public async Task A_folder_as_splatting_leaves_it_becomes_a_scene_of_its_last_iteration()
    {
        browser.Require();
        string folder = Path.Combine(Path.GetTempPath(), $"saga-page-{Guid.NewGuid():N}", "kitchen");
        void Write(string path, byte[] bytes)
        {
            string file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes);
        }

        Write("input.ply", TwoBlobs.WritePly(["x", "y", "z"], "float", [[0, 0, 0]]));
        Write("point_cloud/iteration_7000/point_cloud.ply", TwoBlobs.WritePly(TwoBlobs.Records()[..10]));
        Write("point_cloud/iteration_30000/point_cloud.ply", TwoBlobs.Ply);
        Write("cameras.json", TwoBlobs.Cameras);
        Write("images/view_000.png", TwoBlobs.OnePixelPng);
        Write("images_4/view_000.png", TwoBlobs.OnePixelPng);
        try
        {
            await using ServiceHost service = await ServiceHost.StartAsync();
            await using PageWindow window = await browser.OpenAsync(service);
            await window.Button("New scene").ClickAsync();
            await window.Page.GetByTestId("folder").SetInputFilesAsync(folder);
            ILocator dialog = window.Page.GetByRole(AriaRole.Dialog);
            await Expect(dialog.GetByLabel("File for gaussians").Locator("option")).ToHaveCountAsync(3);
            await Expect(dialog.GetByLabel("File for photos").Locator("option:checked")).ToContainTextAsync("kitchen/images: 1");
            await window.Button("Upload").ClickAsync();
            await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Name = "kitchen", Level = 1 })).ToBeVisibleAsync();
            JsonElement scene = (await service.GetJsonAsync("/api/v1/scenes")).GetProperty("items")[0];
            Assert.Equal(TwoBlobs.Count, scene.GetProperty("gaussianCount").GetInt32());
            window.AssertQuiet();
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(folder)!, true);
        }
    }

    [Fact]
    public async Task A_wrong_file_is_refused_in_words_that_say_what_to_do()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        IPage page = window.Page;
        byte[] points = TwoBlobs.WritePly(["x", "y", "z"], "float", [[0, 0, 0]]);
        await page.DropAsync(Files.Of("points.ply", points));
        ILocator dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByLabel("File for gaussians")).ToContainTextAsync("points.ply");
        await window.Button("Upload").ClickAsync();
        await Expect(dialog).ToContainTextAsync("points.ply: ");
        await Expect(dialog).ToContainTextAsync("scale_0");
        await window.KeepScreenshotAsync("wrong-file");

        // The right one in its place, without starting over.
        await page.ChooseAsync(Files.Ply);
        await window.Button("Upload").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "points", Level = 1 })).ToBeVisibleAsync();
        window.AssertQuiet();
    }

    [Fact]
    public async Task A_given_up_upload_leaves_no_empty_scene()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        await window.Page.DropAsync(Files.Of("broken.ply", "ply\nnothing"u8.ToArray()));
        await window.Button("Upload").ClickAsync();
        await Expect(window.Button("Try again")).ToBeVisibleAsync();
        await window.Button("Cancel").ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        Assert.Equal(0, (await service.GetJsonAsync("/api/v1/scenes")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_scene_is_deleted_only_after_a_second_word()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await service.CreateReadySceneAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        IPage page = window.Page;
        await window.Button("Delete test scene").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("cannot be undone");
        await window.KeepScreenshotAsync("delete");
        await window.Button("Keep it").ClickAsync();
        await Expect(window.Button("Delete test scene")).ToBeFocusedAsync();
        Assert.Equal(1, (await service.GetJsonAsync("/api/v1/scenes")).GetProperty("total").GetInt32());

        await page.Keyboard.PressAsync("Enter");
        await window.Button("Delete the scene").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Pick objects" })).ToBeVisibleAsync();
        Assert.Equal(0, (await service.GetJsonAsync("/api/v1/scenes")).GetProperty("total").GetInt32());
        window.AssertQuiet();
    }
}
