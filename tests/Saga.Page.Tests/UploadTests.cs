using System.Collections.Concurrent;
using Microsoft.Playwright;
using Saga.Api.Tests;
using static Microsoft.Playwright.Assertions;

namespace Saga.Page.Tests;

/// <summary>Uploads that break off and go on.</summary>
public sealed class UploadTests(Browser browser) : IClassFixture<Browser>
{
    /// <summary>The page waits up to ten seconds between two tries.</summary>
    private const float PatienceMs = 60_000;

    /// <summary>A few megabytes, so that a slow line needs seconds for them.</summary>
    private static readonly byte[] Ply = TwoBlobs.WritePly([.. Enumerable.Repeat(TwoBlobs.Records(), 200).SelectMany(records => records)]);

    [Fact]
    public async Task A_service_that_is_restarted_in_the_middle_gets_the_rest()
    {
        browser.Require();
        string folder = Path.Combine(Path.GetTempPath(), $"saga-page-{Guid.NewGuid():N}");
        ServiceHost first = await ServiceHost.StartInAsync(folder, ownsFolder: false);
        await using PageWindow window = await browser.OpenAsync(first);
        Uploads uploads = new(window.Page);
        await window.Button("New scene").ClickAsync();
        await window.Page.ChooseAsync(Files.Of("large.ply", Ply));
        await uploads.SlowDownAsync();
        await window.Button("Upload").ClickAsync();
        ILocator dialog = window.Page.GetByRole(AriaRole.Dialog);
        await Uploads.UnderWayAsync(first);
        await window.KeepScreenshotAsync("upload-sending");
        await first.DisposeAsync();
        await Expect(dialog).ToContainTextAsync("trying again", new() { Timeout = PatienceMs });
        await window.AssertAccessibleAsync();
        await window.KeepScreenshotAsync("upload-interrupted");

        await uploads.SpeedUpAsync();
        await using ServiceHost second = await ServiceHost.StartInAsync(folder, ownsFolder: true, $"urls={first.Address}");
        await ExpectSceneAsync(window);
        uploads.AssertWentOn();
        await AssertIsThereAsync(second);
        window.AssertQuiet();
    }

    [Fact]
    public async Task The_same_file_chosen_again_after_a_reload_goes_on_where_it_was()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string file = Path.Combine(service.Folder, "large.ply");
        await File.WriteAllBytesAsync(file, Ply);
        await using PageWindow window = await browser.OpenAsync(service);
        Uploads uploads = new(window.Page);
        await window.Button("New scene").ClickAsync();
        await window.Page.GetByTestId("files").SetInputFilesAsync(file);
        await uploads.SlowDownAsync();
        await window.Button("Upload").ClickAsync();
        await Uploads.UnderWayAsync(service);

        // The page asks whether to leave; and leaves no empty scene behind.
        window.Page.Dialog += (_, dialog) => dialog.AcceptAsync();
        await window.Page.ReloadAsync();
        Assert.Equal(0, (await service.GetJsonAsync("/api/v1/scenes")).GetProperty("total").GetInt32());
        await uploads.SpeedUpAsync();
        await window.Button("New scene").ClickAsync();
        await window.Page.GetByTestId("files").SetInputFilesAsync(file);
        await window.Button("Upload").ClickAsync();
        await ExpectSceneAsync(window);
        uploads.AssertWentOn();
        await AssertIsThereAsync(service);
        Assert.False(await window.Page.EvaluateAsync<bool>("() => Object.keys(localStorage).some(key => key.startsWith('saga-upload'))"));
        window.AssertQuiet();
    }

    [Fact]
    public async Task What_expired_in_between_is_sent_from_the_start()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        string file = Path.Combine(service.Folder, "large.ply");
        await File.WriteAllBytesAsync(file, Ply);
        await using PageWindow window = await browser.OpenAsync(service);
        Uploads uploads = new(window.Page);
        await window.Button("New scene").ClickAsync();
        await window.Page.GetByTestId("files").SetInputFilesAsync(file);
        await uploads.SlowDownAsync();
        await window.Button("Upload").ClickAsync();
        await Uploads.UnderWayAsync(service);
        window.Page.Dialog += (_, dialog) => dialog.AcceptAsync();
        await window.Page.ReloadAsync();
        Directory.Delete(Uploads.FolderIn(service), true);

        await uploads.SpeedUpAsync();
        await window.Button("New scene").ClickAsync();
        await window.Page.GetByTestId("files").SetInputFilesAsync(file);
        await window.Button("Upload").ClickAsync();
        await ExpectSceneAsync(window);
        await AssertIsThereAsync(service);
    }

    [Fact]
    public async Task A_stopped_upload_leaves_neither_bytes_nor_scene()
    {
        browser.Require();
        await using ServiceHost service = await ServiceHost.StartAsync();
        await using PageWindow window = await browser.OpenAsync(service);
        Uploads uploads = new(window.Page);
        await window.Page.DropAsync(Files.Of("large.ply", Ply));
        await uploads.SlowDownAsync();
        await window.Button("Upload").ClickAsync();
        await Uploads.UnderWayAsync(service);
        await window.Button("Stop").ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        while (Directory.EnumerateDirectories(Uploads.FolderIn(service)).Any())
        {
            await Task.Delay(50);
        }

        Assert.Equal(0, (await service.GetJsonAsync("/api/v1/scenes")).GetProperty("total").GetInt32());
    }

    private static Task ExpectSceneAsync(PageWindow window) =>
        Expect(window.Page.GetByRole(AriaRole.Heading, new() { Name = "large", Level = 1 })).ToBeVisibleAsync(new() { Timeout = PatienceMs });

    private static async Task AssertIsThereAsync(ServiceHost service)
    {
        string id = (await service.GetJsonAsync("/api/v1/scenes")).GetProperty("items")[0].GetProperty("id").GetString()!;
        Assert.Equal(Ply, await service.Client.GetByteArrayAsync($"/api/v1/scenes/{id}/gaussians"));
        Assert.Empty(Directory.EnumerateDirectories(Uploads.FolderIn(service)));
    }

    /// <summary>The page's line to the service: how fast it is, and what was sent over it.</summary>
    private sealed class Uploads
    {
        private const int SlowBytesPerSecond = 400_000;
        private const int UnderWayBytes = 500_000;

        private readonly IPage _page;
        private readonly ConcurrentQueue<string> _offsets = new();
        private ICDPSession? _line;

        public Uploads(IPage page)
        {
            _page = page;
            page.Request += (_, request) =>
            {
                if (request.Method == "PATCH")
                {
                    _offsets.Enqueue(request.Headers["upload-offset"]);
                }
            };
        }

        public static string FolderIn(ServiceHost service) => Path.Combine(service.Folder, "store", ".staging", "uploads");

        public Task SlowDownAsync() => SetSpeedAsync(SlowBytesPerSecond);

        public Task SpeedUpAsync() => SetSpeedAsync(-1);

        /// <summary>Waits until the service has some of the bytes; it never has all of them so soon.</summary>
        public static async Task UnderWayAsync(ServiceHost service)
        {
            long arrived = 0;
            while (arrived < UnderWayBytes)
            {
                await Task.Delay(20);
                string[] files = Directory.Exists(FolderIn(service))
                    ? Directory.GetFiles(FolderIn(service), "bytes", SearchOption.AllDirectories)
                    : [];
                arrived = files.Sum(file => new FileInfo(file).Length);
            }

            Assert.InRange(arrived, UnderWayBytes, Ply.Length - 1);
        }

        /// <summary>The bytes were sent from the start once, and then from where they had come to.</summary>
        public void AssertWentOn()
        {
            Assert.Single(_offsets, offset => offset == "0");
            Assert.Contains(_offsets, offset => int.Parse(offset, System.Globalization.CultureInfo.InvariantCulture) >= UnderWayBytes);
        }

        private async Task SetSpeedAsync(int bytesPerSecond)
        {
            _line ??= await _page.Context.NewCDPSessionAsync(_page);
            await _line.SendAsync("Network.enable");
            await _line.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
            {
                ["offline"] = false,
                ["latency"] = 0,
                ["downloadThroughput"] = -1,
                ["uploadThroughput"] = bytesPerSecond,
            });
        }
    }
}
