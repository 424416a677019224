using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;
using Saga.Api.Tests;
using Saga.Engine.Images;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>The picture of an open scene of two balls: where they are, what colour they have, what a click on them asked for.</summary>
internal sealed class Picture
{
    /// <summary>Software drawing on a busy machine.</summary>
    public const float PatienceMs = 30_000;

    private readonly IPage _page;
    private readonly ConcurrentQueue<JsonElement> _asked = new();

    private Picture(IPage page)
    {
        _page = page;
        page.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/similarity", StringComparison.Ordinal))
            {
                _asked.Enqueue(request.PostDataJSON()!.Value);
            }
        };
    }

    public ILocator Numbers => _page.Locator(".numbers [role=status]");

    public ILocator ScaleSlider => _page.GetByRole(AriaRole.Slider, new() { Name = "Scale" });

    public ILocator Candidates => _page.Locator(".candidate");

    /// <summary>Opens the scene and flies to the view that looks straight on.</summary>
    public static async Task<Picture> OpenAsync(IPage page, string id, bool withoutWebGl = false)
    {
        await page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        await page.GotoAsync($"/#/scenes/{id}");
        return await FollowAsync(page, withoutWebGl);
    }

    /// <summary>Waits for the open scene to be shown and flies to the view that looks straight on.</summary>
    public static async Task<Picture> FollowAsync(IPage page, bool withoutWebGl = false)
    {
        await Expect(page.Locator(withoutWebGl ? ".viewer-overlay" : ".viewer-canvas")).ToBeVisibleAsync(new() { Timeout = PatienceMs });
        await Expect(page.Locator(".picture-note")).ToBeHiddenAsync(new() { Timeout = PatienceMs });
        await page.Locator(".view").Nth(1).ClickAsync();
        return new Picture(page);
    }

    /// <summary>Clicks the middle of a ball, or above it; the picture is wider than the view, so that heights fit.</summary>
    /// <param name="left">Which ball.</param>
    /// <param name="up">Pixels of the view above the middle.</param>
    public async Task ClickBallAsync(bool left, double up = 0)
    {
        (float x, float y) = await PlaceAsync(left, up);
        _asked.Clear();
        await _page.Mouse.ClickAsync(x, y);
    }

    public async Task TapBallAsync(bool left, double up = 0)
    {
        (float x, float y) = await PlaceAsync(left, up);
        _asked.Clear();
        await _page.Touchscreen.TapAsync(x, y);
    }

    /// <summary>Where a ball is in the window.</summary>
    public async Task<(float X, float Y)> PlaceAsync(bool left, double up)
    {
        LocatorBoundingBoxResult box = (await _page.Locator(".viewer").BoundingBoxAsync())!;

        // A view is shown whole: in a narrow picture its width fits, in a wide one its height.
        double zoom = Math.Min(box.Height / TwoBlobs.Height, box.Width / TwoBlobs.Width);
        double offset = ((left ? TwoBlobs.LeftX : TwoBlobs.RightX) - TwoBlobs.Width / 2.0) * zoom;
        return ((float)(box.X + box.Width / 2 + offset), (float)(box.Y + box.Height / 2 - up * zoom));
    }

    public Task ExpectCountAsync(int selected, float patienceMs = PatienceMs) => Expect(Numbers).ToHaveTextAsync(
        $"{selected} of {TwoBlobs.Count} Gaussians", new() { Timeout = patienceMs });

    /// <summary>Waits until the page shows what /segment selects for the last click, at the page's threshold.</summary>
    /// <param name="service">The service.</param>
    /// <param name="id">The scene.</param>
    /// <param name="scale">Null for the scale that the page asked with.</param>
    /// <returns>The selected Gaussians.</returns>
    public async Task<int[]> ExpectAnswerAsync(ServiceHost service, string id, double? scale = null)
    {
        int[] indices = await AnswerAsync(service, id, scale);
        await ExpectCountAsync(indices.Length);
        return indices;
    }

    /// <summary>What /segment selects for the last click, at the page's threshold.</summary>
    public async Task<int[]> AnswerAsync(ServiceHost service, string id, double? scale = null)
    {
        Dictionary<string, JsonElement> body = await AskedAsync();
        body["threshold"] = JsonSerializer.SerializeToElement(191.5 / 255);
        if (scale is not null)
        {
            body["scale"] = JsonSerializer.SerializeToElement(scale);
        }

        using HttpResponseMessage answer = await service.PostAsync($"/api/v1/scenes/{id}/segment", body);
        return [.. (await answer.JsonAsync(200)).GetProperty("indices").EnumerateArray().Select(i => i.GetInt32())];
    }

    /// <summary>What the page asked first after the last click; what follows is for the pictures of candidates.</summary>
    public async Task<Dictionary<string, JsonElement>> AskedAsync()
    {
        JsonElement asked;
        for (int attempt = 0; !_asked.TryPeek(out asked); attempt++)
        {
            Assert.True(attempt < 100, "The page did not ask the service after a click.");
            await Task.Delay(100);
        }

        return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(asked.GetRawText())!;
    }

    /// <summary>Waits until a ball looks like this; its middle may be under a marker, so a place beside it is looked at.</summary>
    public async Task ExpectBallAsync(bool left, string look, Func<(int R, int G, int B), bool> isSo)
    {
        (int R, int G, int B) color = default;
        for (int attempt = 0; attempt < 60; attempt++)
        {
            color = await ColorAsync(left);
            if (isSo(color))
            {
                return;
            }

            await Task.Delay(250);
        }

        Assert.Fail($"The {(left ? "left" : "right")} ball is {color}, not {look}.");
    }

    private async Task<(int R, int G, int B)> ColorAsync(bool left)
    {
        (float x, float y) = await PlaceAsync(left, 3.5);
        byte[] png = await _page.ScreenshotAsync(new() { Clip = new() { X = x - 2, Y = y - 2, Width = 5, Height = 5 } });
        RgbImage image = ImageFile.Decode(png);
        int[] sums = new int[3];
        for (int p = 0; p < image.Pixels.Length; p++)
        {
            sums[p % 3] += image.Pixels[p];
        }

        int count = image.Pixels.Length / 3;
        return (sums[0] / count, sums[1] / count, sums[2] / count);
    }
}
