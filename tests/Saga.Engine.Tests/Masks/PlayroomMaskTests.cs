using System.Text.Json;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;

namespace Saga.Tests.Masks;

public sealed class PlayroomMaskTests
{
    private static readonly CameraPose Identity = new(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);

    [Fact]
    public void Every_annotation_of_the_sample_has_the_area_it_states()
    {
        string[] files = [.. Directory.GetFiles(SharedData.Playroom("masks"), "*.json").Order(StringComparer.Ordinal)];
        using MemoryStream zip = ZipOf.Files([.. files.Select(f => ("masks/" + Path.GetFileName(f), File.ReadAllBytes(f)))]);
        SceneView[] views = [.. files.Select(f => new SceneView(
            Path.GetFileNameWithoutExtension(f), new PinholeCamera(640, 480, 500, 500, 320, 240, Identity), ""))];

        MaskSet masks = MaskArchive.Read(zip, views);

        Assert.Equal(files.Length, masks.Views.Count);
        Assert.Empty(masks.Problems);
        for (int view = 0; view < files.Length; view++)
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(files[view]));
            JsonElement[] annotations = [.. json.RootElement.EnumerateArray()];
            Assert.Equal(annotations.Select(a => a.GetProperty("area").GetInt32()), masks.Views[view].Masks.Select(m => m.Area));
            for (int i = 0; i < annotations.Length; i++)
            {
                JsonElement bbox = annotations[i].GetProperty("bbox");
                (int left, int top, int right, int bottom) = masks.Views[view].Masks[i].GetBounds();
                int[] expected = [.. bbox.EnumerateArray().Select(v => v.GetInt32())];
                Assert.True(Math.Abs(left - expected[0]) <= 1 && Math.Abs(top - expected[1]) <= 1);
                Assert.True(right - left - expected[2] is 0 or 1 && bottom - top - expected[3] is 0 or 1);
                Assert.Equal(
                    annotations[i].GetProperty("segmentation").GetProperty("counts").GetString(),
                    CocoRle.Encode(masks.Views[view].Masks[i]));
            }
        }
    }
}
