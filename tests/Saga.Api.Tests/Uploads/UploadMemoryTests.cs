using System.Globalization;

namespace Saga.Api.Tests.Uploads;

public sealed class UploadMemoryTests(ITestOutputHelper output)
{
    /// <summary>Of the service while a small upload arrives and while a large one does; what grows is less than this.</summary>
    private const long AllowedGrowthBytes = 48L << 20;

    private const int SmallMiB = 32;

    /// <summary>SAGA_UPLOAD_MIB=1024 for a gigabyte.</summary>
    private static readonly int LargeMiB = int.Parse(Environment.GetEnvironmentVariable("SAGA_UPLOAD_MIB") ?? "256", CultureInfo.InvariantCulture);

    [Fact]
    public async Task The_service_s_memory_does_not_grow_with_the_upload()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"saga-memory-{Guid.NewGuid():N}");
        try
        {
            await using ServiceProgram program = await ServiceProgram.StartAsync(folder);
            using var client = new HttpClient { BaseAddress = new Uri(program.Address), Timeout = Timeout.InfiniteTimeSpan };
            await SendAsync(client, SmallMiB);
            long before = program.PeakMemoryBytes;
            await SendAsync(client, LargeMiB);
            long after = program.PeakMemoryBytes;
            output.WriteLine(FormattableString.Invariant(
                $"peak memory: {before >> 20} MiB after an upload of {SmallMiB} MiB, {after >> 20} MiB after one of {LargeMiB} MiB"));
            Assert.InRange(before, 1, long.MaxValue);
            Assert.InRange(after - before, 0, AllowedGrowthBytes);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    /// <summary>All of it, to the hash of the whole and the refusal of a file that is no zip of masks.</summary>
    private static async Task SendAsync(HttpClient client, int mebibytes)
    {
        string scene = await client.EmptySceneAsync();
        string upload = await client.BeginUploadAsync((long)mebibytes << 20, "masks", scene);
        using var body = new ZeroContent(mebibytes);
        (await client.AppendAsync(upload, 0, body)).Expect(204);
        await (await client.AttachAsync(scene, upload)).RefusedAsync(422, "invalid-masks");
    }

    private sealed class ZeroContent(int mebibytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < mebibytes; i++)
            {
                await stream.WriteAsync(block);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = (long)mebibytes << 20;
            return true;
        }
    }
}
