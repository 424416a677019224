using Microsoft.Playwright;
using Saga.Api.Rendering;
using Saga.Api.Tests;
using Saga.Engine.Images;
using Saga.Engine.Rasterization;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>The mode that shows what there is, against the colours and the counts that the service has.</summary>
public sealed class ClusterTests(Browser browser) : IClassFixture<Browser>
{
    /// <summary>Software drawing on a busy machine.</summary>
    private const float PatienceMs = 30_000;

    private const string WithoutWebGl =
        """
        const original = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) { return /webgl/.test(kind) ? null : original.call(this, kind, ...rest); };
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Clusters_have_their_colours_in_the_picture_and_are_taken_from_the_list_by_mouse_or_keys(bool withoutWebGl)
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await service.CreateReadySceneAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        IPage page = window.Page;
        await page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        if (withoutWebGl)
        {
            await page.AddInitScriptAsync(WithoutWebGl);
            await page.ReloadAsync();
        }

        await page.GotoAsync($"/#/scenes/{id}");
        await Expect(page.Locator(withoutWebGl ? ".viewer-overlay" : ".viewer-canvas")).ToBeVisibleAsync(new() { Timeout = PatienceMs });
        await Expect(page.Locator(".picture-note")).ToBeHiddenAsync(new() { Timeout = PatienceMs });
        await page.Locator(".view").Nth(1).ClickAsync();
        await Expect(page.Locator(".cluster")).ToHaveCountAsync(0);

        await window.Button("Clusters").ClickAsync();
        await Expect(page.Locator(".cluster")).ToHaveCountAsync(2, new() { Timeout = PatienceMs });
        await Expect(page.GetByText("2 at scale 0.50")).ToBeVisibleAsync();
        await WaitForColoursAsync(page, ClusterColors.Of(0), ClusterColors.Of(1));
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync(withoutWebGl ? "clusters-without-webgl" : "clusters");

        // Another scale: the same two balls, and another list.
        await page.Locator("input[type=range]").First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.GetByText("2 at scale 0.51")).ToBeVisibleAsync(new() { Timeout = PatienceMs });

        ILocator numbers = page.Locator(".numbers [role=status]");
        await window.Button($"Take cluster 1 {TwoBlobs.Half} Gaussians").ClickAsync();
        await Expect(numbers).ToHaveTextAsync($"{TwoBlobs.Half} of {TwoBlobs.Count} Gaussians");
        await window.Button("Add").ClickAsync();
        await window.Button($"Take cluster 2 {TwoBlobs.Half} Gaussians").FocusAsync();
        await window.KeepScreenshotAsync(withoutWebGl ? "clusters-taken-without-webgl" : "clusters-taken");
        await page.Keyboard.PressAsync("Enter");
        await Expect(numbers).ToHaveTextAsync($"{TwoBlobs.Count} of {TwoBlobs.Count} Gaussians");
        await page.Keyboard.PressAsync("Control+z");
        await Expect(numbers).ToHaveTextAsync($"{TwoBlobs.Half} of {TwoBlobs.Count} Gaussians");

        await page.Locator(".viewer").FocusAsync();
        await page.Keyboard.PressAsync("c");
        await Expect(page.Locator(".cluster")).ToHaveCountAsync(0);
        window.AssertQuiet();
    }

    // Either ball may be either cluster: they are equally large.
    private static async Task WaitForColoursAsync(IPage page, RgbColor one, RgbColor other)
    {
        (int R, int G, int B) left = default;
        (int R, int G, int B) right = default;
        for (double waited = 0; waited < PatienceMs; waited += 250)
        {
            RgbImage picture = ImageFile.Decode(await page.Locator(".viewer").ScreenshotAsync());
            left = At(picture, TwoBlobs.LeftX);
            right = At(picture, TwoBlobs.RightX);
            if ((IsLike(left, one) && IsLike(right, other)) || (IsLike(left, other) && IsLike(right, one)))
            {
                return;
            }

            await Task.Delay(250);
        }

        Assert.Fail($"The left ball is {left}, the right one {right}; expected were {one} and {other}.");
    }

    private static (int R, int G, int B) At(RgbImage picture, double x)
    {
        double offset = (x - TwoBlobs.Width / 2.0) * picture.Height / TwoBlobs.Height;
        int at = 3 * (picture.Height / 2 * picture.Width + (int)(picture.Width / 2.0 + offset));
        return (picture.Pixels[at], picture.Pixels[at + 1], picture.Pixels[at + 2]);
    }

    // The scene's own red or blue makes up 0.3 of it.
    private static bool IsLike((int R, int G, int B) pixel, RgbColor color) =>
        Math.Abs(pixel.R - 255 * color.R) + Math.Abs(pixel.G - 255 * color.G) + Math.Abs(pixel.B - 255 * color.B) < 160;
}
