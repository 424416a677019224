using System.Text.Json;
using Microsoft.Playwright;
using Saga.Api.Tests;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

public sealed class ScenePageTests(Browser browser) : IClassFixture<Browser>
{
    private const float TrainingPatienceMs = 90_000;

    [Fact]
    public async Task Training_ends_in_a_scene_that_is_ready_and_a_report()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Worker:Enabled=true");
        string id = await service.CreateSceneAsync(TwoBlobs.AllFiles);
        await using PageWindow window = await browser.OpenAsync(service);
        await window.Page.GotoAsync($"/#/scenes/{id}");
        await Expect(window.Training).ToContainTextAsync("Not trained yet");
        await window.KeepScreenshotAsync("scene-untrained");
        await TrainAsync(window, """{"kind":"train","options":{"iterations":100,"raysPerIteration":200}}""");

        await Expect(window.Button("Train again")).ToBeVisibleAsync(new() { Timeout = TrainingPatienceMs });
        await Expect(window.Page.Locator(".badge-ready")).ToBeVisibleAsync();
        Assert.Equal("ready", (await service.GetJsonAsync($"/api/v1/scenes/{id}")).GetProperty("state").GetString());
        await window.Button("Report").ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Where the time went");
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync("report");
        window.AssertQuiet();
    }

    [Fact]
    public async Task A_training_under_way_is_shown_again_after_a_reload_and_can_be_canceled()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Worker:Enabled=true");
        string id = await service.CreateSceneAsync(TwoBlobs.AllFiles);
        await using PageWindow window = await browser.OpenAsync(service);
        await window.Page.GotoAsync($"/#/scenes/{id}");
        await TrainAsync(window, """{"kind":"train","options":{"iterations":100000,"raysPerIteration":64}}""");
        await Expect(window.Training).ToContainTextAsync("it/s", new() { Timeout = TrainingPatienceMs });
        await Expect(window.Training.Locator(".loss-curve")).ToBeVisibleAsync(new() { Timeout = TrainingPatienceMs });

        await window.Page.ReloadAsync();
        await Expect(window.Page.GetByRole(AriaRole.Progressbar, new() { Name = "Training" })).ToBeVisibleAsync();
        await Expect(window.Training.Locator(".loss-curve")).ToBeVisibleAsync();
        await Expect(window.Training).ToContainTextAsync("/ 100,000");
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync("training");
        await window.Button("Cancel").ClickAsync();
        await Expect(window.Training).ToContainTextAsync("Training was canceled", new() { Timeout = TrainingPatienceMs });
        JsonElement job = (await service.GetJsonAsync($"/api/v1/jobs?sceneId={id}")).GetProperty("items")[0];
        Assert.Equal("canceled", job.GetProperty("state").GetString());
        window.AssertQuiet();
    }

    [Fact]
    public async Task A_service_that_was_away_is_found_again_by_itself()
    {
        browser.Require();
        string folder = Path.Combine(Path.GetTempPath(), $"saga-page-{Guid.NewGuid():N}");
        ServiceHost first = await ServiceHost.StartInAsync(folder, ownsFolder: false);
        string id = await first.CreateSceneAsync(TwoBlobs.AllFiles);
        await using PageWindow window = await browser.OpenAsync(first);
        await window.Page.GotoAsync($"/#/scenes/{id}");
        await window.Button("Train").ClickAsync();
        await Expect(window.Training).ToContainTextAsync("waiting for a free worker");
        await first.DisposeAsync();
        await Expect(window.Training).ToContainTextAsync("trying again");

        await using ServiceHost second = await ServiceHost.StartInAsync(folder, ownsFolder: true, $"urls={first.Address}");
        using HttpResponseMessage jobs = await second.Client.GetAsync($"/api/v1/jobs?sceneId={id}");
        string job = (await jobs.JsonAsync(200)).GetProperty("items")[0].GetProperty("id").GetString()!;
        await second.PostAsync($"/api/v1/jobs/{job}/cancel", new { });
        await Expect(window.Training).ToContainTextAsync("Training was canceled", new() { Timeout = 15_000 });
        await Expect(window.Training).Not.ToContainTextAsync("trying again");
    }

    [Fact]
    public async Task What_training_lacks_is_said_and_can_be_added()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        using HttpResponseMessage created = await service.PostAsync("/api/v1/scenes", new { name = "empty" });
        string id = (await created.JsonAsync(201)).GetProperty("id").GetString()!;
        await using PageWindow window = await browser.OpenAsync(service);
        await window.Page.GotoAsync($"/#/scenes/{id}");
        await Expect(window.Training).ToContainTextAsync("still needs Gaussians");
        await window.Training.GetByRole(AriaRole.Button, new() { Name = "Add files" }).ClickAsync();
        await window.Page.ChooseAsync(Files.Ply);
        await window.Button("Upload").ClickAsync();
        await Expect(window.Button("Train")).ToBeVisibleAsync();
        await Expect(window.Training).ToContainTextAsync("The service makes the masks");
    }

    [Fact]
    public async Task Gaussians_alone_are_trained_with_masks_that_the_report_describes()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Worker:Enabled=true");
        string id = await service.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"));
        await using PageWindow window = await browser.OpenAsync(service);
        await window.Page.GotoAsync($"/#/scenes/{id}");
        await TrainAsync(window, """{"kind":"train","options":{"iterations":50,"raysPerIteration":200}}""");

        await Expect(window.Button("Train again")).ToBeVisibleAsync(new() { Timeout = TrainingPatienceMs });
        await window.Button("Report").ClickAsync();
        ILocator report = window.Page.GetByRole(AriaRole.Dialog);
        await Expect(report).ToContainTextAsync("made by the built-in generator");
        await Expect(report.GetByRole(AriaRole.Img, new() { Name = "views:" })).ToBeVisibleAsync();
        await Expect(report.GetByRole(AriaRole.Img, new() { Name = "world units" })).ToBeVisibleAsync();
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync("report-made-masks");
        window.AssertQuiet();
    }

    [Fact]
    public async Task A_question_mark_lists_the_keys_and_the_focus_stays_in_the_dialog()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        await window.Page.Keyboard.PressAsync("?");
        ILocator dialog = window.Page.GetByRole(AriaRole.Dialog, new() { Name = "Keyboard" });
        await Expect(dialog).ToContainTextAsync("New scene");
        await window.Page.Keyboard.PressAsync("Tab");
        Assert.True(await window.Page.EvaluateAsync<bool>("() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"));
        await window.KeepScreenshotAsync("keys");
        await window.Page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData(ColorScheme.Dark, 1100, 680)]
    [InlineData(ColorScheme.Light, 1100, 680)]
    [InlineData(ColorScheme.Light, 390, 760)]
    public async Task List_and_scene_are_accessible(ColorScheme colors, int width, int height)
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await service.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"));
        await service.CreateSceneAsync(TwoBlobs.AllFiles);
        string id = await service.CreateReadySceneAsync();
        await using PageWindow window = await browser.OpenAsync(service, colors, width, height);
        IPage page = window.Page;
        string name = $"{colors.ToString().ToLowerInvariant()}-{width}";
        await Expect(page.Locator(".card")).ToHaveCountAsync(3);
        await Expect(page.Locator(".card img").First).ToHaveJSPropertyAsync("complete", true);
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync($"list-{name}");

        await page.GotoAsync($"/#/scenes/{id}");
        await Expect(window.Button("Train again")).ToBeVisibleAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync($"scene-{name}");
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "The page is wider than its window.");
        window.AssertQuiet();
    }

    /// <summary>Presses the button; the page asks for a preset's iterations, and the test for as many as it needs.</summary>
    private static async Task TrainAsync(PageWindow window, string request)
    {
        await window.Page.RouteAsync("**/jobs", route => route.Request.Method == "POST"
            ? route.ContinueAsync(new() { PostData = System.Text.Encoding.UTF8.GetBytes(request) })
            : route.ContinueAsync());
        await window.Button("Train").ClickAsync();
    }
}
