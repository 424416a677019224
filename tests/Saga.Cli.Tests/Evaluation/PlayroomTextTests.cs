using Saga.Cli.Evaluation;
using Saga.Cli.Service;
using Saga.Cli.Tests.Evaluation.Protocols;
using Saga.Engine.Images;
using Saga.Engine.Onnx;
using Saga.Engine.OpenVocabulary;
using Saga.Engine.Segmentation;
using Saga.Tests;
using Saga.Tests.Onnx;

namespace Saga.Cli.Tests.Evaluation;

/// <summary>Colour words in the sample, with a model that has CLIP's interface and knows colours: masks, votes, clusters and selections are real.</summary>
public sealed class PlayroomTextTests(TrainedPlayroom playroom) : IClassFixture<TrainedPlayroom>
{
    private const double Most = 0.7;

    [Fact]
    public void Colour_words_find_the_things_of_that_colour()
    {
        using var folder = new Saga.Tests.TemporaryFolder();
        var model = new ModelFolder(folder.Path, ClipModel.FolderName);
        ColorClip.Write(model.FullPath);
        using ClipModel clip = ClipModel.Open(model);
        MaskVocabulary vocabulary = Build(clip);

        // The sample has a yellow rocking horse with red stripes, a fan with blue blades and a blue truck.
        (string Color, string[] Things)[] expected = [("yellow", ["caballito"]), ("red", ["caballito"]), ("blue", ["tableFan", "peterbilt"])];
        foreach ((string color, string[] things) in expected)
        {
            IReadOnlyList<TextMatch> matches = VocabularySearch.Find(vocabulary, clip.EncodeText(color), clip.Negatives);
            Assert.True(matches[0].Chosen);
            Assert.True(matches[0].Score > 2 * matches[things.Length].Score, $"{color}: {string.Join("; ", matches.Take(4))}");
            for (int m = 0; m < things.Length; m++)
            {
                (string thing, double share) = OwnerOf(Select(vocabulary, matches[m]));
                Assert.True(thing == things[m] && share >= Most, $"{color}, match {m}: {thing} {share:0.00}");
            }
        }
    }

    /// <summary>The object that most of a selection belongs to, and how much of it.</summary>
    private (string Name, double Share) OwnerOf(GaussianSelection selection)
    {
        IGrouping<ushort, int> most = selection.ToIndices().GroupBy(i => playroom.Labels.ObjectOfGaussian[i]).MaxBy(group => group.Count())!;
        return (most.Key == LabeledScene.None ? "floaters" : playroom.Labels.Objects[most.Key], (double)most.Count() / selection.SelectedCount);
    }

    private MaskVocabulary Build(ClipModel clip)
    {
        SceneFolder files = SceneFolder.Open(SharedData.Playroom());
        var builder = new VocabularyBuilder(playroom.Scene, playroom.Model, "model", clip.Fingerprint, clip.Channels, clip.Embed);
        for (int view = 0; view < playroom.Views.Count; view++)
        {
            string photo = files.PhotoOf(playroom.Views[view].Name)!;
            builder.AddView(
                playroom.Views[view].Camera, playroom.Masks.Views[view].Masks, () => ImageFile.Decode(File.ReadAllBytes(photo)), CancellationToken.None);
        }

        return builder.Finish(playroom.Views.Count, CancellationToken.None);
    }

    private GaussianSelection Select(MaskVocabulary vocabulary, TextMatch match)
    {
        int dimension = vocabulary.FeatureDimension;
        float[] query = vocabulary.Queries[(match.BestMask * dimension)..((match.BestMask + 1) * dimension)];
        return playroom.Segmenter.Segment(
            [new QueryFeature(query, 1, 0, [])], [], vocabulary.Quantiles[match.BestMask], VocabularySearch.MinCosine).Selection;
    }
}
