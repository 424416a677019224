using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Saga.Api.Tests;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>
/// Where the time between slider and picture goes, measured on the sample's 181,800 Gaussians; prints, and asserts nothing. Drawing
/// is left out: here it is done in software.
/// </summary>
public sealed class LatencyFigures(Browser browser, ITestOutputHelper output) : IClassFixture<Browser>
{
    private const string Asked = "SAGA_PAGE_LATENCY";
    private const float PatienceMs = 300_000;

    private const string Measure =
        """
        async () => {
          const rest = ms => new Promise(resolve => setTimeout(resolve, ms));
          const slider = name => document.querySelector(`input[aria-label=${name}]`);
          const figure = document.querySelector('.numbers strong');
          const set = (input, value) => { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })); };
          const median = values => values.sort((a, b) => a - b)[values.length >> 1];
          const answered = [], requests = [], handled = [];
          for (let i = 0; i < 30; i++) {
            const changed = new Promise(resolve => new MutationObserver((_, observer) => { observer.disconnect(); resolve(); })
              .observe(figure, { characterData: true, childList: true, subtree: true }));
            performance.clearResourceTimings();
            const start = performance.now();
            set(slider('Scale'), (0.2 + 0.013 * i).toFixed(2));
            await Promise.race([changed, rest(5000)]);
            answered.push(performance.now() - start);
            await rest(3000);
            const entry = performance.getEntriesByType('resource').find(one => one.name.endsWith('/similarity'));
            if (entry) requests.push(entry.responseEnd - entry.startTime);
          }
          for (let i = 0; i < 30; i++) {
            const start = performance.now();
            set(slider('Threshold'), 150 + i);
            handled.push(performance.now() - start);
            await rest(1000);
          }
          return JSON.stringify({ answered: median(answered), request: median(requests), handled: median(handled) });
        }
        """;

    [Fact]
    public async Task Slider_to_texture()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Asked) == "1", $"Set {Asked}=1 to measure; it takes some minutes.");
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Worker:Enabled=true");
        using HttpResponseMessage sample = await service.Client.PostAsync("/api/v1/scenes/sample", null);
        string id = (await sample.JsonAsync(201)).GetProperty("id").GetString()!;
        using HttpResponseMessage job = await service.PostAsync(
            $"/api/v1/scenes/{id}/jobs", new { kind = "train", options = new { iterations = 100 } });
        job.Expect(202);
        await using PageWindow window = await browser.OpenAsync(service, width: 640, height: 480);
        await window.Page.GotoAsync($"/#/scenes/{id}");
        await Expect(window.Button("Train again")).ToBeVisibleAsync(new() { Timeout = PatienceMs });
        await Expect(window.Page.Locator(".viewer-canvas")).ToBeVisibleAsync(new() { Timeout = PatienceMs });
        await Expect(window.Page.Locator(".picture-note")).ToBeHiddenAsync(new() { Timeout = PatienceMs });
        LocatorBoundingBoxResult box = (await window.Page.Locator(".viewer").BoundingBoxAsync())!;
        await window.Page.Mouse.ClickAsync(box.X + box.Width / 2, box.Y + 0.7f * box.Height);
        await Expect(window.Page.Locator(".candidate").First).ToBeVisibleAsync(new() { Timeout = PatienceMs });
        await window.Page.WaitForTimeoutAsync(5000);

        using JsonDocument figures = JsonDocument.Parse(await window.Page.EvaluateAsync<string>(Measure));
        foreach ((string name, string words) in new[]
        {
            ("answered", "scale slider moved to scores in the texture and the number on the page"),
            ("request", "of that, the request as the browser sees it"),
            ("handled", "threshold slider moved to uniforms set and the frame asked for"),
        })
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{words}: {figures.RootElement.GetProperty(name).GetDouble():0.0} ms (median)"));
        }
    }
}
