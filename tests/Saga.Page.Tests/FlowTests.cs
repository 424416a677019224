using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using Saga.Api.Tests;
using Saga.Engine.Images;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>What a person comes for, in one go: from files to an exported object.</summary>
public sealed class FlowTests(Browser browser) : IClassFixture<Browser>
{
    private const float TrainingPatienceMs = 120_000;

    [Fact]
    public async Task Files_become_a_trained_scene_whose_object_is_clicked_refined_kept_and_exported()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Worker:Enabled=true");
        await using PageWindow window = await browser.OpenAsync(service);
        IPage page = window.Page;
        string id = await UploadAndTrainAsync(window, service);
        Picture picture = await Picture.FollowAsync(page);

        // A click: the service finds the scale; the ball lights up, the other steps back.
        await picture.ExpectBallAsync(left: false, "blue", c => c.B > 100 && c.B > c.R);
        await picture.ClickBallAsync(left: false);
        int[] right = await picture.ExpectAnswerAsync(service, id);
        Assert.DoesNotContain("scale", (await picture.AskedAsync()).Keys);
        AssertMostly(right, TwoBlobs.Half, TwoBlobs.Count);
        await picture.ExpectBallAsync(left: false, "tinted orange", c => c.R > 130 && c.R > c.B);
        await picture.ExpectBallAsync(left: true, "dimmed red", c => c.R is > 30 and < 160 && c.B < c.R);

        // The scale is slid, jumped along its marks, and set by a candidate; each is what the service selects there.
        await picture.ScaleSlider.FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await picture.ExpectAnswerAsync(service, id, 0);
        for (int press = 0; press < 10; press++)
        {
            await page.Keyboard.PressAsync("ArrowRight");
        }

        await picture.ExpectAnswerAsync(service, id, 0.1);
        double coarsest = await CoarsestAsync(service, id, await picture.AskedAsync());
        await picture.Candidates.Last.ClickAsync();
        await Expect(picture.Candidates.Last).ToHaveAttributeAsync("aria-pressed", "true");
        await picture.ExpectAnswerAsync(service, id, coarsest);
        await window.KeepScreenshotAsync("flow-candidates");
        for (int step = 0; step < 3; step++)
        {
            // The candidate, the slider's way, and the click.
            await page.Keyboard.PressAsync("Control+z");
        }

        await picture.ExpectCountAsync(0);
        await page.Keyboard.PressAsync("Control+Shift+z");
        await picture.ExpectCountAsync(right.Length);

        // Both, without one again, and back.
        await window.Button("Add").ClickAsync();
        await picture.ClickBallAsync(left: true);
        int[] left = await picture.AnswerAsync(service, id);
        int both = left.Union(right).Count();
        await picture.ExpectCountAsync(both);
        await picture.ExpectBallAsync(left: true, "tinted orange", c => c.R > 200 && c.G > 50);
        await window.Button("Subtract").ClickAsync();
        await picture.ClickBallAsync(left: true);
        await picture.ExpectCountAsync(right.Except(left).Count());
        await page.Keyboard.PressAsync("Control+z");
        await picture.ExpectCountAsync(both);
        await page.Keyboard.PressAsync("Control+Shift+z");
        await picture.ExpectCountAsync(right.Except(left).Count());

        await window.Button("Keep as segment").ClickAsync();
        await Expect(page.Locator(".segment")).ToHaveCountAsync(1);
        await picture.ExpectCountAsync(0);
        JsonElement kept = (await service.GetJsonAsync($"/api/v1/scenes/{id}/selections")).GetProperty("items")[0];
        Assert.Equal(right.Except(left).Count(), kept.GetProperty("selectedCount").GetInt32());
        await window.Button("Take Segment 1").ClickAsync();
        await window.KeepScreenshotAsync("flow-kept");
        await ExportAsync(window, right.Except(left).ToArray());
        Assert.Equal(1, (await service.GetJsonAsync($"/api/v1/scenes/{id}/selections")).GetProperty("total").GetInt32());
        window.AssertQuiet();
    }

    /// <summary>Chooses files, uploads them, looks at the photos in the strip, and trains for some seconds.</summary>
    private static async Task<string> UploadAndTrainAsync(PageWindow window, ServiceHost service)
    {
        IPage page = window.Page;
        await page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        await window.Button("New scene").ClickAsync();
        await page.ChooseAsync(Files.Ply, Files.Cameras, Files.Masks, Files.Of("images.zip", TwoBlobs.Zip(
            ("view_000.png", Plain(200, 20, 20)), ("view_001.png", Plain(20, 200, 20)))));
        await page.GetByLabel("Name of the scene").FillAsync("Flow");
        await window.Button("Upload").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Flow", Level = 1 })).ToBeVisibleAsync();
        string id = (await service.GetJsonAsync("/api/v1/scenes")).GetProperty("items")[0].GetProperty("id").GetString()!;

        // Two views have photos, the others are drawn.
        await Expect(page.Locator(".view img[src*='/photo?']")).ToHaveCountAsync(2);
        await Expect(page.Locator(".view img[src*='/render?']")).ToHaveCountAsync(TwoBlobs.Views - 2);
        await page.WaitForFunctionAsync("() => [...document.querySelectorAll('.view img')].every(image => image.complete && image.naturalWidth > 0)");
        Assert.Equal(TwoBlobs.Width, await page.Locator(".view img").First.EvaluateAsync<int>("image => image.naturalWidth"));

        await page.RouteAsync("**/jobs", route => route.Request.Method == "POST"
            ? route.ContinueAsync(new()
            {
                PostData = Encoding.UTF8.GetBytes(
                """{"kind":"train","options":{"iterations":300,"raysPerIteration":200}}""")
            })
            : route.ContinueAsync());
        await window.Button("Train").ClickAsync();
        await Expect(window.Button("Train again")).ToBeVisibleAsync(new() { Timeout = TrainingPatienceMs });
        return id;
    }

    private static async Task<double> CoarsestAsync(ServiceHost service, string id, Dictionary<string, JsonElement> asked)
    {
        asked["threshold"] = JsonSerializer.SerializeToElement(191.5 / 255);
        using HttpResponseMessage answer = await service.PostAsync($"/api/v1/scenes/{id}/segment/candidates", asked);
        return (await answer.JsonAsync(200)).GetProperty("candidates").EnumerateArray().Last().GetProperty("scale").GetDouble();
    }

    /// <summary>Exports the selection with the keyboard alone and compares with what is selected.</summary>
    private static async Task ExportAsync(PageWindow window, int[] selected)
    {
        IPage page = window.Page;
        await window.Button("Export…").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "Export" })).ToBeVisibleAsync();
        await page.GetByLabel("The selection", new() { Exact = true }).FocusAsync();
        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.Keyboard.PressAsync("Enter"));
        byte[] ply = await File.ReadAllBytesAsync(await download.PathAsync());
        Assert.Contains($"element vertex {selected.Length}\n", Encoding.ASCII.GetString(ply[..400]), StringComparison.Ordinal);
    }

    private static void AssertMostly(int[] selected, int from, int to)
    {
        int inside = selected.Count(i => i >= from && i < to);
        Assert.True(
            inside >= 0.9 * (to - from) && selected.Length - inside <= 0.1 * (to - from),
            $"{inside} of {to - from} Gaussians of the ball are selected, and {selected.Length - inside} others.");
    }

    private static byte[] Plain(byte r, byte g, byte b) => ImageFile.EncodePng(new RgbImage(
        TwoBlobs.Width, TwoBlobs.Height, [.. Enumerable.Range(0, TwoBlobs.Width * TwoBlobs.Height).SelectMany(_ => new[] { r, g, b })]));
}
