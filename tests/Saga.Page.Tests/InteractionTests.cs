using System.Text.Json;
using Microsoft.Playwright;
using Saga.Api.Tests;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>What can be done to a selection, each step back and forth again.</summary>
public sealed class InteractionTests(Browser browser) : IClassFixture<Browser>
{
    private const int Right = TwoBlobs.Count - TwoBlobs.Half;

    [Fact]
    public async Task Marks_say_where_the_selection_changes_and_keys_go_from_one_to_the_next()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await CreateAsync(service, TwoBlobs.ModelWithParts);
        await using PageWindow window = await browser.OpenAsync(service);
        Picture picture = await Picture.OpenAsync(window.Page, id);
        await picture.ClickBallAsync(left: true, up: 4);
        ILocator marks = window.Page.GetByRole(AriaRole.Group, new() { Name = "Where the selection changes" }).GetByRole(AriaRole.Button);
        await Expect(marks).ToHaveCountAsync(2, new() { Timeout = Picture.PatienceMs });
        int part = TwoBlobs.LeftUpper.Length;
        await Expect(marks.First).ToHaveAccessibleNameAsync(new System.Text.RegularExpressions.Regex($"^{part} Gaussians at scale .* for scales 0.00 to 0\\.[45]"));
        await window.KeepScreenshotAsync("scale-marks");

        await picture.ScaleSlider.FocusAsync();
        await window.Page.Keyboard.PressAsync("PageDown");
        await picture.ExpectCountAsync(part);
        await Expect(marks.First).ToHaveAttributeAsync("aria-pressed", "true");
        await window.Page.Keyboard.PressAsync("PageUp");
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await Expect(picture.Candidates.Last).ToHaveAttributeAsync("aria-pressed", "true");
        await window.Page.Locator(".viewer").FocusAsync();
        await window.Page.Keyboard.PressAsync("[");
        await picture.ExpectCountAsync(part);
        await window.Page.Keyboard.PressAsync("[");
        await picture.ExpectCountAsync(part);
        await window.Page.Keyboard.PressAsync("]");
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await marks.First.ClickAsync();
        await picture.ExpectCountAsync(part);
        await window.Button("Undo").ClickAsync();
        await picture.ExpectCountAsync(TwoBlobs.Half);
        window.AssertQuiet();
    }

    [Fact]
    public async Task A_point_is_dragged_elsewhere_and_off_the_picture_and_comes_back_by_undo()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await CreateAsync(service, TwoBlobs.Model);
        await using PageWindow window = await browser.OpenAsync(service);
        IPage page = window.Page;
        Picture picture = await Picture.OpenAsync(page, id);
        await picture.ClickBallAsync(left: true);
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await picture.ExpectBallAsync(left: true, "lit", c => c.R > 200 && c.G > 50);

        await DragMarkerAsync(page, await picture.PlaceAsync(left: false, up: 0));
        await picture.ExpectCountAsync(Right);
        await picture.ExpectBallAsync(left: false, "tinted orange", c => c.R > 130 && c.R > c.B);

        // Where there is nothing to stick to, it goes back.
        (float x, float y) = await picture.PlaceAsync(left: false, up: 18);
        await DragMarkerAsync(page, (x, y));
        await Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "nothing under this point" })).ToBeVisibleAsync();
        await picture.ExpectCountAsync(Right);

        await DragMarkerAsync(page, (x, 20));
        await Expect(page.Locator(".marker")).ToHaveCountAsync(0);
        await picture.ExpectCountAsync(0);
        await page.Keyboard.PressAsync("Control+z");
        await picture.ExpectCountAsync(Right);
        await page.Keyboard.PressAsync("Control+z");
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await page.Keyboard.PressAsync("Control+Shift+z");
        await picture.ExpectCountAsync(Right);
        await Expect(page.Locator(".marker")).ToHaveCountAsync(1);
        window.AssertQuiet();
    }

    [Fact]
    public async Task Connected_threshold_and_ways_to_join_are_undone_and_done_again()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();

        // Both balls are one object to this model; only space lies between them.
        string id = await CreateAsync(service, TwoBlobs.WriteModel(TwoBlobs.Ply, TwoBlobs.Count));
        await using PageWindow window = await browser.OpenAsync(service);
        IPage page = window.Page;
        Picture picture = await Picture.OpenAsync(page, id);
        await picture.ClickBallAsync(left: true);
        await picture.ExpectCountAsync(TwoBlobs.Count);
        await page.GetByLabel("Connected to the points only").CheckAsync();
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await window.Button("Undo").ClickAsync();
        await picture.ExpectCountAsync(TwoBlobs.Count);
        await Expect(page.GetByLabel("Connected to the points only")).Not.ToBeCheckedAsync();
        await window.Button("Redo").ClickAsync();
        await picture.ExpectCountAsync(TwoBlobs.Half);

        // The left ball alone, joined with what is connected to the right one.
        await window.Button("Intersect").ClickAsync();
        await picture.ClickBallAsync(left: false);
        await picture.ExpectCountAsync(0);
        await window.Button("Undo").ClickAsync();
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await window.Button("Invert").ClickAsync();
        await picture.ExpectCountAsync(Right);
        await window.Button("Undo").ClickAsync();
        await window.Button("Undo").ClickAsync();
        await picture.ExpectCountAsync(TwoBlobs.Half);
        await Expect(window.Button("New")).ToHaveAttributeAsync("aria-pressed", "true");

        ILocator threshold = page.GetByRole(AriaRole.Slider, new() { Name = "Threshold" });
        await threshold.FocusAsync();
        await page.Keyboard.PressAsync("End");
        await Expect(threshold).ToHaveValueAsync("255");
        await page.Keyboard.PressAsync("Home");
        await Expect(threshold).ToHaveValueAsync("1");
        await window.Button("Undo").ClickAsync();
        await Expect(threshold).ToHaveValueAsync("192");
        window.AssertQuiet();
    }

    [Fact]
    public async Task Segments_are_combined_coloured_hidden_and_deleted_and_all_of_it_undone_on_the_server_too()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await CreateAsync(service, TwoBlobs.Model);
        await using PageWindow window = await browser.OpenAsync(service);
        IPage page = window.Page;
        Picture picture = await Picture.OpenAsync(page, id);
        foreach (bool left in new[] { true, false })
        {
            await picture.ClickBallAsync(left);
            await picture.ExpectCountAsync(left ? TwoBlobs.Half : Right);
            await window.Button("Keep as segment").ClickAsync();
            await picture.ExpectCountAsync(0);
        }

        await page.GetByLabel("Mark Segment 1 for combining").CheckAsync();
        await page.GetByLabel("Mark Segment 2 for combining").CheckAsync();
        await window.Button("Combine 2").ClickAsync();
        await Expect(page.Locator(".segment")).ToHaveCountAsync(3);
        Assert.Equal([TwoBlobs.Count, Right, TwoBlobs.Half], (await KeptAsync(service, id)).Select(one => one.GetProperty("selectedCount").GetInt32()));
        await page.Keyboard.PressAsync("Control+z");
        await Expect(page.Locator(".segment")).ToHaveCountAsync(2);
        Assert.Equal(2, (await KeptAsync(service, id)).Length);

        await page.GetByLabel("Colour of Segment 1").FillAsync("#00ff00");
        await picture.ExpectBallAsync(left: true, "painted green", c => c.G > 100);
        await window.Button("Hide Segment 1").ClickAsync();
        await picture.ExpectBallAsync(left: true, "gone", c => c.R + c.G + c.B < 30);
        Assert.True((await KeptAsync(service, id))[1].GetProperty("hidden").GetBoolean());
        await page.Keyboard.PressAsync("Control+z");
        await picture.ExpectBallAsync(left: true, "painted green again", c => c.G > 100);
        Assert.False((await KeptAsync(service, id))[1].GetProperty("hidden").GetBoolean());
        await window.Button("Delete Segment 1").ClickAsync();
        await Expect(page.Locator(".segment")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Control+z");
        await Expect(page.GetByLabel("Name of Segment 1")).ToBeVisibleAsync();
        Assert.Contains(await KeptAsync(service, id), one =>
            one.GetProperty("color").GetString() == "#00ff00" && one.GetProperty("selectedCount").GetInt32() == TwoBlobs.Half);
        window.AssertQuiet();
    }

    private static async Task<JsonElement[]> KeptAsync(ServiceHost service, string id) =>
        [.. (await service.GetJsonAsync($"/api/v1/scenes/{id}/selections")).GetProperty("items").EnumerateArray()];

    private static async Task<string> CreateAsync(ServiceHost service, byte[] model)
    {
        string id = await service.CreateSceneAsync(TwoBlobs.AllFiles);
        (await service.PutAsync($"/api/v1/scenes/{id}/model", model)).Expect(204);
        return id;
    }

    private static async Task DragMarkerAsync(IPage page, (float X, float Y) to)
    {
        await page.Locator(".marker").HoverAsync();
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(to.X, to.Y, new() { Steps = 4 });
        await page.Mouse.UpAsync();
    }
}
