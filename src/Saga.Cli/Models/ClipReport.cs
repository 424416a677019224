using System.Diagnostics;
using System.Globalization;
using Saga.Engine.Images;
using Saga.Engine.Onnx;
using Saga.Engine.OpenVocabulary;

namespace Saga.Cli.Models;

/// <summary>The section on CLIP in the list of models.</summary>
internal static class ClipReport
{
    private const int TriedSide = 64;

    private const string HowToInstall =
        """
          To install it (docs/models.md has every step):
            1. Export CLIP ViT-B/16 (openai/clip-vit-base-patch16, MIT) or one of its kin as two ONNX models, pictures and texts apart,
               both with their projections: vision_model.onnx and text_model.onnx.
            2. Put both, and vocab.json and merges.txt as published beside the weights, into the folder above; ./run models checks them.
        """;

    /// <summary>Writes the section.</summary>
    /// <returns>False where something that is installed is incomplete or wrong.</returns>
    public static bool Write(string modelsDirectory, TextWriter output)
    {
        var folder = new ModelFolder(modelsDirectory, ClipModel.FolderName);
        output.WriteLine($"{folder.Name}: queries in words, by CLIP");
        try
        {
            IReadOnlyList<ModelFile> files = folder.Files;
            if (files.Count == 0)
            {
                output.WriteLine($"  not installed: no files in {folder.FullPath}");
                output.WriteLine("  Without it texts are refused; clicks work.");
                output.WriteLine(HowToInstall);
                return true;
            }

            foreach (ModelFile file in files)
            {
                output.WriteLine($"  {file.Name,-24} {ModelSize.Of(file.Bytes),10}");
            }

            using ClipModel clip = ClipModel.Open(folder);
            Try(clip, output);
            return true;
        }
        catch (Exception error) when (error is MissingModelException or InvalidOnnxModelException or InvalidVocabularyException)
        {
            output.WriteLine($"  WRONG: {error.Message}");
            output.WriteLine(HowToInstall);
            return false;
        }
    }

    private static void Try(ClipModel clip, TextWriter output)
    {
        // Once for nothing: the first run of a session plans its memory.
        RgbImage[] grey = [new RgbImage(TriedSide, TriedSide, [.. Enumerable.Repeat((byte)128, 3 * TriedSide * TriedSide)])];
        float[] embedding = new float[clip.Channels];
        clip.Embed(grey, embedding);
        long start = Stopwatch.GetTimestamp();
        clip.Embed(grey, embedding);
        double pictureMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        clip.EncodeText("chair");
        double textMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        output.WriteLine($"  channels   {clip.Channels}");
        output.WriteLine($"  sha-256    {clip.Fingerprint} (image encoder)");
        output.WriteLine($"  runs on    {clip.Provider}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  tried      {pictureMs:0} ms a mask, {textMs:0} ms a text"));
        output.WriteLine("  right");
    }
}
