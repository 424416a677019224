using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Saga.Api.Tests;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>Growing, shrinking and cleaning what is lit and what is kept, and hearing of what others change.</summary>
public sealed class SurfaceEditTests(Browser browser) : IClassFixture<Browser>
{
    /// <summary>Software drawing on a busy machine.</summary>
    private const float PatienceMs = 30_000;

    [Fact]
    public async Task Segments_and_what_is_lit_are_edited_and_undone_and_other_peoples_changes_are_seen()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await service.CreateReadySceneAsync();
        string selections = $"/api/v1/scenes/{id}/selections";
        int[] half = [.. Enumerable.Range(0, 40)];
        JsonElement kept = await (await service.PostAsync(selections, new { name = "ball", indices = half })).JsonAsync(201);
        string path = $"{selections}/{kept.GetProperty("id").GetString()}";
        await using PageWindow window = await browser.OpenAsync(service, width: 1100, height: 900);
        IPage page = window.Page;
        await page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        await page.GotoAsync($"/#/scenes/{id}");
        ILocator row = page.Locator(".segment");
        await Expect(row.Locator(".hint")).ToHaveTextAsync("40", new() { Timeout = PatienceMs });
        ILocator marked = page.GetByRole(AriaRole.Group, new() { Name = "Change the marked segments along surfaces" });
        ILocator lit = page.GetByRole(AriaRole.Group, new() { Name = "Change what is lit along surfaces" });
        ILocator numbers = page.Locator(".numbers [role=status]");

        // A kept segment: grown on the server, and given back.
        await Expect(marked).ToHaveCountAsync(0);
        await page.GetByLabel("Mark ball for combining").CheckAsync();
        await marked.GetByRole(AriaRole.Button, new() { Name = "Grow" }).ClickAsync();
        await Expect(row.Locator(".hint")).Not.ToHaveTextAsync("40");
        int grown = (await service.GetJsonAsync(path)).GetProperty("selectedCount").GetInt32();
        Assert.InRange(grown, 41, TwoBlobs.Half);
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync("surface-edits");
        await window.Button("Undo").ClickAsync();
        await Expect(row.Locator(".hint")).ToHaveTextAsync("40");

        // What is lit, without keeping it.
        await Expect(lit.GetByRole(AriaRole.Button, new() { Name = "Shrink" })).ToBeDisabledAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Take ball" }).ClickAsync();
        await Expect(numbers).ToHaveTextAsync(new Regex("^40 of"));
        await lit.GetByRole(AriaRole.Button, new() { Name = "Grow" }).ClickAsync();
        await Expect(numbers).ToHaveTextAsync(new Regex($"^{grown} of"));
        await window.Button("Undo").ClickAsync();
        await Expect(numbers).ToHaveTextAsync(new Regex("^40 of"));
        Assert.Equal(1, (await service.GetJsonAsync(selections)).GetProperty("total").GetInt32());

        // Somebody else.
        await (await service.Client.PutAsJsonAsync(path, new { indices = new[] { 1, 2, 3 } })).JsonAsync(200);
        await Expect(row.Locator(".hint")).ToHaveTextAsync("3");
        await (await service.PostAsync(selections, new { name = "other", indices = half })).JsonAsync(201);
        await Expect(row).ToHaveCountAsync(2);
        window.AssertQuiet();
    }
}
