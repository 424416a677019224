namespace Saga.Api.Tests.Uploads;

/// <summary>What is refused before a byte travels.</summary>
public sealed class UploadLimitTests
{
    [Theory]
    [InlineData("gaussians", 1000)]
    [InlineData("cameras", 2000)]
    [InlineData("images", 3000)]
    [InlineData("masks", 4000)]
    public async Task A_file_larger_than_its_kind_may_be(string kind, int limit)
    {
        await using ServiceHost service = await ServiceHost.StartAsync(
            "Saga:Limits:MaxGaussiansBytes=1000", "Saga:Limits:MaxCamerasBytes=2000",
            "Saga:Limits:MaxImagesBytes=3000", "Saga:Limits:MaxMasksBytes=4000");
        await service.Client.BeginUploadAsync(limit, kind);
        string detail = await (await BeginAsync(service, limit + 1, ("kind", kind))).RefusedAsync(413, "too-large");
        Assert.Contains($"{limit} bytes", detail, StringComparison.Ordinal);
        await (await BeginAsync(service, long.MaxValue, ("kind", kind))).RefusedAsync(413, "too-large");
    }

    [Fact]
    public async Task Whatever_would_take_the_disk_s_last_bytes()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"saga-full-{Guid.NewGuid():N}");
        string scene;
        string upload;
        await using (ServiceHost roomy = await ServiceHost.StartInAsync(folder, false))
        {
            scene = await roomy.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"));
            upload = await roomy.Client.BeginUploadAsync(TwoBlobs.Ply.Length);
            (await roomy.Client.AppendAsync(upload, 0, TwoBlobs.Ply[..100])).Expect(204);
        }

        await using ServiceHost full = await ServiceHost.StartInAsync(folder, true, $"Saga:Limits:MinFreeBytes={long.MaxValue}");
        string detail = await (await BeginAsync(full, 10, ("kind", "masks"))).RefusedAsync(507, "storage-full");
        Assert.Contains("room for 0", detail, StringComparison.Ordinal);
        await (await full.Client.AppendAsync(upload, 100, TwoBlobs.Ply[100..])).RefusedAsync(507, "storage-full");
        foreach (string kind in (string[])["gaussians", "cameras", "images", "masks"])
        {
            await (await full.PutAsync($"/api/v1/scenes/{scene}/{kind}", TwoBlobs.Ply)).RefusedAsync(507, "storage-full");
        }

        await (await full.PutAsync($"/api/v1/scenes/{scene}/model", TwoBlobs.Model)).RefusedAsync(507, "storage-full");
        await (await full.PostFormAsync("x", TwoBlobs.AllFiles)).RefusedAsync(507, "storage-full");

        // What is there can still be read, and what has arrived goes on when there is room again.
        Assert.Equal(TwoBlobs.Ply, await full.Client.GetByteArrayAsync($"/api/v1/scenes/{scene}/gaussians"));
        Assert.Equal(100, await full.Client.OffsetAsync(upload));
    }

    [Fact]
    public async Task A_disk_that_fills_up_while_bytes_of_unknown_number_arrive()
    {
        // Room for twelve megabytes more, as the disk is now; other programs' files only make it less.
        const int room = 12 << 20;
        string folder = Directory.CreateTempSubdirectory("saga-filling-").FullName;
        long free = new DriveInfo(folder).AvailableFreeSpace;
        await using ServiceHost service = await ServiceHost.StartInAsync(folder, true, $"Saga:Limits:MinFreeBytes={free - room}");
        string scene = await service.Client.EmptySceneAsync();
        using var large = new StuckContent(new byte[1 << 28], []);
        large.Release();
        await (await service.Client.PutAsync($"/api/v1/scenes/{scene}/gaussians", large)).RefusedAsync(507, "storage-full");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder, "store", ".staging")));
    }

    [Fact]
    public async Task More_uploads_than_may_be_open()
    {
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Limits:MaxOpenUploads=2");
        string first = await service.Client.BeginUploadAsync(10);
        await service.Client.BeginUploadAsync(10);
        using HttpResponseMessage third = await BeginAsync(service, 10, ("kind", "masks"));
        await third.RefusedAsync(503, "busy");
        Assert.True(third.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        (await service.Client.TusAsync(HttpMethod.Delete, first, null)).Expect(204);
        await service.Client.BeginUploadAsync(10);
    }

    [Theory]
    [InlineData("../../../etc/passwd", "passwd")]
    [InlineData("..\\..\\secret.ply", "secret.ply")]
    [InlineData("/store/scenes/x", "x")]
    [InlineData("a\0b\nc.ply", "abc.ply")]
    [InlineData("..", "gaussians")]
    [InlineData("", "gaussians")]
    [InlineData("сцена.ply", "сцена.ply")]
    public async Task Names_are_names_and_never_paths(string name, string kept)
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        using HttpResponseMessage created = await BeginAsync(service, TwoBlobs.Ply.Length, ("kind", "gaussians"), ("filename", name));
        created.Expect(201);
        string upload = new Uri(created.RequestMessage!.RequestUri!, created.Headers.Location!).AbsolutePath;
        (await service.Client.AppendAsync(upload, 0, TwoBlobs.Ply)).Expect(204);
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(service.Folder, "store"), "*", SearchOption.AllDirectories)];
        Assert.All(files, file => Assert.Equal(service.FolderOf(upload), Path.GetDirectoryName(file)));

        string scene = await service.Client.EmptySceneAsync();
        (await service.Client.AttachAsync(scene, upload)).Expect(204);
        using HttpResponseMessage ply = await service.Client.GetAsync($"/api/v1/scenes/{scene}/gaussians");
        Assert.Equal(kept, ply.Content.Headers.ContentDisposition?.FileNameStar);
    }

    [Fact]
    public async Task Metadata_without_end()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        await (await BeginAsync(service, 1, ("kind", "masks"), ("filename", new string('x', 5000)))).RefusedAsync(400, "invalid-request");
    }

    private static Task<HttpResponseMessage> BeginAsync(ServiceHost service, long length, params (string, string)[] about) =>
        service.Client.TusAsync(
            HttpMethod.Post,
            TusCalls.Root,
            null,
            ("Upload-Length", length.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("Upload-Metadata", TusCalls.Metadata(about)));
}
