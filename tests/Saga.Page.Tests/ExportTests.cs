using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using Saga.Api.Tests;
using Saga.Engine.Scenes;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>Every file of the export dialog, read back.</summary>
public sealed class ExportTests(Browser browser) : IClassFixture<Browser>
{
    [Theory]
    [InlineData(1100, 680)]
    [InlineData(390, 844)]
    public async Task Every_file_holds_what_was_selected(int width, int height)
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await service.CreateReadySceneAsync();
        await using PageWindow window = await browser.OpenAsync(service, ColorScheme.Dark, width, height);
        IPage page = window.Page;
        Picture picture = await Picture.OpenAsync(page, id);

        // Without a selection there is the whole scene, as it was uploaded.
        Assert.Equal(TwoBlobs.Ply, await SaveAsync(window, "The whole scene", ".ply", "test-scene-scene.ply"));
        await page.Locator(".viewer").ScrollIntoViewIfNeededAsync();
        await picture.ClickBallAsync(left: true);
        await picture.ExpectCountAsync(TwoBlobs.Half);

        await window.Button("Export…").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "Export" })).ToBeVisibleAsync();
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync($"export-{width}");
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));
        await window.Button("Cancel").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        int rest = TwoBlobs.Count - TwoBlobs.Half;
        foreach ((string format, string ending) in new[] { (".ply", ".ply"), ("Compressed .ply", ".compressed.ply"), (".splat", ".splat"), (".spz", ".spz") })
        {
            Assert.Equal(TwoBlobs.Half, Count(await SaveAsync(window, "The selection", format, $"test-scene-object{ending}"), ending));
            Assert.Equal(rest, Count(await SaveAsync(window, "Everything else", format, $"test-scene-rest{ending}"), ending));
        }

        byte[] bits = await SaveAsync(window, "Everything else", "Bit mask", "test-scene-rest.bits");
        Assert.Equal(Enumerable.Range(TwoBlobs.Half, rest), Enumerable.Range(0, TwoBlobs.Count).Where(i => (bits[i >> 3] >> (i & 7) & 1) == 1));
        byte[] indices = await SaveAsync(window, "The selection", "Indices", "test-scene-object.json");
        Assert.Equal(Enumerable.Range(0, TwoBlobs.Half), JsonSerializer.Deserialize<int[]>(indices)!);
        using (var masks = new ZipArchive(new MemoryStream(await SaveAsync(window, "The selection", "2D masks, PNG", "test-scene-object.masks.zip"))))
        {
            Assert.Equal(TwoBlobs.Views, masks.Entries.Count);
        }

        JsonElement coco = JsonSerializer.Deserialize<JsonElement>(await SaveAsync(window, "The selection", "2D masks, COCO", "test-scene-object.coco.json"));
        Assert.Equal(TwoBlobs.Views, coco.GetProperty("images").GetArrayLength());

        // What was kept for the files is gone; kept segments label the whole.
        Assert.Equal(0, (await service.GetJsonAsync($"/api/v1/scenes/{id}/selections")).GetProperty("total").GetInt32());
        await window.Button("Keep as segment").ClickAsync();
        await Expect(page.Locator(".segment")).ToHaveCountAsync(1);
        byte[] labelled = await SaveAsync(window, "The whole scene", ".ply", "test-scene-labelled.ply", labels: "column");
        Assert.Contains("label", Encoding.ASCII.GetString(labelled, 0, 600), StringComparison.Ordinal);
        Assert.Equal(TwoBlobs.Count, Count(labelled, ".ply"));
        using var sidecar = new ZipArchive(new MemoryStream(await SaveAsync(window, "The whole scene", ".spz", "test-scene-labelled.zip", labels: "sidecar")));
        Assert.Contains(sidecar.Entries, entry => entry.Name.EndsWith(".spz", StringComparison.Ordinal));
        window.AssertQuiet();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task An_spz_has_the_version_that_was_chosen(int version)
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await service.CreateReadySceneAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        Picture picture = await Picture.OpenAsync(window.Page, id);
        await picture.ClickBallAsync(left: true);
        await picture.ExpectCountAsync(TwoBlobs.Half);
        byte[] file = await SaveAsync(window, "The selection", ".spz", "test-scene-object.spz", version);

        Assert.Equal(TwoBlobs.Half, Count(file, ".spz"));
        Assert.Equal((uint)version, VersionOf(file));
    }

    /// <summary>The dialog is opened, its choices are made, the file comes, and the dialog is gone.</summary>
    internal static async Task<byte[]> SaveAsync(PageWindow window, string part, string format, string name, int? version = null, string? labels = null)
    {
        IPage page = window.Page;
        await window.Button("Export…").ClickAsync();
        ILocator dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Export" });
        await dialog.GetByLabel(part, new() { Exact = true }).CheckAsync();
        await dialog.Locator(".export-format").Filter(new() { Has = page.GetByText(format, new() { Exact = true }) }).ClickAsync();
        if (version is not null)
        {
            await dialog.GetByLabel("Version").SelectOptionAsync($"{version}");
        }

        if (labels is not null)
        {
            await dialog.GetByLabel("Labels").SelectOptionAsync(labels);
        }

        IDownload download = await page.RunAndWaitForDownloadAsync(
            () => dialog.GetByRole(AriaRole.Button, new() { Name = "Save file" }).ClickAsync());
        Assert.Equal(name, download.SuggestedFilename);
        await Expect(dialog).ToHaveCountAsync(0);
        return await File.ReadAllBytesAsync(await download.PathAsync());
    }

    private static int Count(byte[] file, string ending)
    {
        using var folder = new Saga.Tests.TemporaryFolder();
        string path = Path.Combine(folder.Path, "scene" + ending);
        File.WriteAllBytes(path, file);
        return GaussianFile.Read(path).Count;
    }

    /// <summary>Versions 2 and 3 are gzipped as a whole; 4 begins with its own header.</summary>
    private static uint VersionOf(byte[] file)
    {
        byte[] header = new byte[8];
        if (file[0] == 0x1F)
        {
            using var gzip = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
            gzip.ReadExactly(header);
        }
        else
        {
            file.AsSpan(0, 8).CopyTo(header);
        }

        return BitConverter.ToUInt32(header, 4);
    }
}
