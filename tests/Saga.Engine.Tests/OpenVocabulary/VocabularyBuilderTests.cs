using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.OpenVocabulary;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Tests.Training;

namespace Saga.Engine.Tests.OpenVocabulary;

public sealed class VocabularyBuilderTests
{
    private const int Dimension = 8;
    private const int Parts = 4;

    private static readonly GaussianScene Scene = TrainingScenes.Scene();
    private static readonly IReadOnlyList<SceneView> Views = TrainingScenes.Views();
    private static readonly IReadOnlyList<ViewMasks> Masks = TrainingScenes.Masks(Scene, Views);

    [Fact]
    public void A_masks_feature_selects_what_the_mask_shows()
    {
        VocabularyBuilder builder = Built(Views.Count);
        MaskVocabulary vocabulary = Saved(builder);
        var segmenter = new PromptSegmenter(Scene, Model());
        Assert.Equal(6 * Views.Count, vocabulary.Count);
        for (int part = 0; part < Parts; part++)
        {
            var query = new QueryFeature(vocabulary.Queries[(part * Dimension)..((part + 1) * Dimension)], 1, 0, []);
            GaussianSelection selected = segmenter.Segment([query], [], vocabulary.Quantiles[part], VocabularySearch.MinCosine).Selection;
            Assert.Equal(Enumerable.Range(0, TrainingScenes.Count).Where(i => TrainingScenes.PartOf(i) == part), Indices(selected));
        }
    }

    [Fact]
    public void A_crop_is_the_masks_box_made_square_with_black_around_the_mask()
    {
        var photo = new RgbImage(8, 6, [.. Enumerable.Repeat((byte)9, 8 * 6 * 3)]);
        byte[] pixels = new byte[8 * 6];
        pixels[(1 * 8) + 2] = pixels[(1 * 8) + 3] = pixels[(1 * 8) + 4] = pixels[(2 * 8) + 3] = 1;
        RgbImage crop = MaskCrop.Of(photo, BinaryMask.FromPixels(8, 6, pixels))!;
        Assert.Equal((3, 3), (crop.Width, crop.Height));
        Assert.Equal([9, 9, 9, 0, 9, 0, 0, 0, 0], Enumerable.Range(0, 9).Select(p => (int)crop.Pixels[3 * p]));
    }

    [Fact]
    public void A_mask_of_another_resolution_covers_the_same_part_of_the_photo()
    {
        var photo = new RgbImage(8, 8, [.. Enumerable.Range(0, 64).SelectMany(p => new[] { (byte)p, (byte)p, (byte)p })]);
        RgbImage crop = MaskCrop.Of(photo, BinaryMask.FromPixels(2, 2, [0, 1, 0, 0]))!;
        Assert.Equal((4, 4), (crop.Width, crop.Height));
        Assert.Equal(4, crop.Pixels[0]);
    }

    [Fact]
    public void An_empty_mask_has_no_crop() =>
        Assert.Null(MaskCrop.Of(new RgbImage(2, 2, new byte[12]), BinaryMask.FromPixels(2, 2, new byte[4])));

    [Fact]
    public void Taken_up_after_a_view_it_ends_the_same()
    {
        VocabularyBuilder first = Built(2);
        using var checkpoint = new MemoryStream();
        first.SaveCheckpoint(checkpoint);
        checkpoint.Position = 0;
        VocabularyBuilder second = New();
        second.Restore(checkpoint);
        Assert.Equal(2, second.NextView);
        Add(second, Views.Count);
        Assert.Equal(Bytes(Built(Views.Count)), Bytes(second));
    }

    [Fact]
    public void A_checkpoint_of_another_model_is_refused_and_changes_nothing()
    {
        using var checkpoint = new MemoryStream();
        Built(1).SaveCheckpoint(checkpoint);
        checkpoint.Position = 0;
        VocabularyBuilder other = New(modelSha256: "other");
        Assert.Throws<InvalidVocabularyException>(() => other.Restore(checkpoint));
        Assert.Equal((0, 0), (other.NextView, other.MaskCount));
    }

    [Fact]
    public void Masks_that_cannot_be_measured_or_seen_are_counted()
    {
        VocabularyBuilder builder = New(embedOf: (crops, embeddings) =>
        {
            Embed(crops, embeddings);

            // An encoder gone wrong on its first crop.
            embeddings[0] = float.NaN;
        });
        BinaryMask nothing = BinaryMask.FromPixels(96, 64, [1, .. new byte[96 * 64 - 1]]);
        builder.AddView(Views[0].Camera, [nothing, .. Masks[0].Masks], () => Photo(0), CancellationToken.None);
        Assert.Equal(Masks[0].Masks.Count - 1, builder.MaskCount);
        Assert.Equal(2, Saved(builder).Info.MasksDropped);
    }

    [Fact]
    public void A_view_without_masks_needs_no_photo()
    {
        VocabularyBuilder builder = New();
        builder.AddView(Views[0].Camera, [], () => throw new InvalidOperationException("not asked for"), CancellationToken.None);
        Assert.Equal((1, 0), (builder.NextView, builder.MaskCount));
    }

    private static VocabularyBuilder New(string modelSha256 = "model", EmbedImages? embedOf = null) =>
        new(Scene, Model(), modelSha256, "encoder", 4, embedOf ?? Embed, maxThreads: 1);

    private static VocabularyBuilder Built(int views)
    {
        VocabularyBuilder builder = New();
        Add(builder, views);
        return builder;
    }

    private static void Add(VocabularyBuilder builder, int views)
    {
        while (builder.NextView < views)
        {
            int view = builder.NextView;
            builder.AddView(Views[view].Camera, Masks[view].Masks, () => Photo(view), CancellationToken.None);
        }
    }

    // Channels: sums of red, green and blue, and one.
    private static void Embed(IReadOnlyList<RgbImage> crops, Span<float> embeddings)
    {
        for (int k = 0; k < crops.Count; k++)
        {
            for (int p = 0; p < crops[k].Pixels.Length; p++)
            {
                embeddings[4 * k + p % 3] += crops[k].Pixels[p];
            }

            embeddings[4 * k + 3] = 1;
        }
    }

    private static RgbImage Photo(int view) => new(96, 64, [.. Enumerable.Range(0, 96 * 64).SelectMany(p => new[] { (byte)(p % 96), (byte)view, (byte)200 })]);

    /// <summary>Each part has a channel of its own, and the gate lets all of them through.</summary>
    private static AffinityModel Model()
    {
        float[] features = new float[TrainingScenes.Count * Dimension];
        for (int i = 0; i < TrainingScenes.Count; i++)
        {
            features[i * Dimension + TrainingScenes.PartOf(i)] = 1;
        }

        return new AffinityModel
        {
            Dimension = Dimension,
            Features = features,
            Gate = new ScaleGate(new float[Dimension], [.. Enumerable.Repeat(2f, Dimension)]),
            Quantiles = new ScaleQuantiles([0.1, 0.5, 2]),
            Info = new AffinityModelInfo(DateTimeOffset.UnixEpoch, 1, 0, 0, "{}", "", TrainingScenes.Count),
        };
    }

    private static MaskVocabulary Saved(VocabularyBuilder builder) => MaskVocabularyFile.Read(new MemoryStream(Bytes(builder)[4..]), "saved");

    private static byte[] Bytes(VocabularyBuilder builder)
    {
        using var stream = new MemoryStream();
        builder.SaveCheckpoint(stream);
        return stream.ToArray();
    }

    private static IEnumerable<int> Indices(GaussianSelection selection) =>
        Enumerable.Range(0, selection.GaussianCount).Where(selection.Contains);
}
