using Microsoft.Playwright;
using Saga.Api.Tests;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>A phone in the hand: a narrow window, fingers, no keyboard.</summary>
public sealed class PhoneTests(Browser browser) : IClassFixture<Browser>
{
    private const int Width = 390;
    private const int Height = 844;

    /// <summary>Everything that sticks out of the window to the side and cannot be scrolled to within what holds it.</summary>
    private const string StickingOut =
        """
        () => [...document.querySelectorAll('body *')].filter(element => {
          const box = element.getBoundingClientRect();
          const scrolls = element.closest('.view-strip, .candidates, .markers, .viewer, dialog pre');
          return box.width > 0 && box.height > 0 && !scrolls && !element.closest('.visually-hidden')
            && (box.left < -0.5 || box.right > innerWidth + 0.5);
        }).map(element => element.outerHTML.slice(0, 120))
        """;

    [Fact]
    public async Task A_tap_selects_and_a_finger_on_the_slider_changes_the_scale()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await service.CreateReadySceneAsync();
        (await service.PutAsync($"/api/v1/scenes/{id}/model", TwoBlobs.ModelWithParts)).Expect(204);
        await using PageWindow window = await browser.OpenAsync(service, width: Width, height: Height, touch: true);
        IPage page = window.Page;
        await AssertFitsAsync(page);
        Picture picture = await Picture.OpenAsync(page, id);
        await AssertFitsAsync(page);

        await picture.TapBallAsync(left: false);
        await picture.ExpectCountAsync(TwoBlobs.Count - TwoBlobs.Half);
        await picture.ExpectBallAsync(left: false, "tinted orange", c => c.R > 130 && c.R > c.B);
        await Expect(page.Locator(".marker-positive")).ToHaveCountAsync(1);
        await Expect(picture.Candidates.First).ToBeVisibleAsync(new() { Timeout = Picture.PatienceMs });
        await window.KeepScreenshotAsync("phone-selected");
        await AssertFitsAsync(page);
        await window.Button("Clear").TapAsync();
        await picture.ExpectCountAsync(0);

        // The left ball's upper part is something of its own at fine scales.
        await page.Locator(".viewer").ScrollIntoViewIfNeededAsync();
        await picture.TapBallAsync(left: true, up: 4);
        await Expect(picture.Candidates).ToHaveCountAsync(2, new() { Timeout = Picture.PatienceMs });
        await SlideToAsync(picture, 0.1);
        await picture.ExpectCountAsync(TwoBlobs.LeftUpper.Length);
        await SlideToAsync(picture, 0.9);
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await page.Locator(".scale-mark").First.TapAsync();
        await picture.ExpectCountAsync(TwoBlobs.LeftUpper.Length);
        await picture.Candidates.Last.TapAsync();
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await window.Button("Keep as segment").TapAsync();
        await Expect(page.Locator(".segment")).ToHaveCountAsync(1);
        await window.AssertAccessibleAsync();
        await AssertFitsAsync(page);
        await page.Locator(".segment").ScrollIntoViewIfNeededAsync();
        await window.KeepScreenshotAsync("phone-segments");
        window.AssertQuiet();
    }

    [Fact]
    public async Task Dialogs_fit_a_phone()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await service.CreateSceneAsync(TwoBlobs.AllFiles);
        await using PageWindow window = await browser.OpenAsync(service, width: Width, height: Height, touch: true);
        IPage page = window.Page;
        await window.Button("New scene").TapAsync();
        await page.ChooseAsync(Files.Ply, Files.Cameras, Files.Of("a name that is so long that it does not fit into any line of a phone.bin", [1]));
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await AssertFitsAsync(page);
        await window.KeepScreenshotAsync("phone-upload");
        await window.Button("Cancel").TapAsync();
        await window.Button("Delete test scene").TapAsync();
        await AssertFitsAsync(page);
        await window.Button("Keep it").TapAsync();
    }

    private static async Task AssertFitsAsync(IPage page)
    {
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "The page is wider than its window.");
        Assert.Empty(await page.EvaluateAsync<string[]>(StickingOut));
    }

    /// <summary>Touches the slider where a scale is.</summary>
    private static async Task SlideToAsync(Picture picture, double scale)
    {
        await picture.ScaleSlider.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await picture.ScaleSlider.BoundingBoxAsync())!;
        await picture.ScaleSlider.Page.Touchscreen.TapAsync((float)(box.X + 8 + (box.Width - 16) * scale), box.Y + box.Height / 2);
    }
}
