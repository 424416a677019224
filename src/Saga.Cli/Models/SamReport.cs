using System.Globalization;
using Saga.Engine.Masks.Generation.Sam;
using Saga.Engine.Onnx;

namespace Saga.Cli.Models;

/// <summary>The section on Segment Anything in the list of models.</summary>
internal static class SamReport
{
    private const string HowToInstall =
        """
          To install it (docs/models.md has every step):
            1. Get a checkpoint; the licence of both is Apache-2.0.
               ViT-H, ViT-L, ViT-B   github.com/facebookresearch/segment-anything, «Model Checkpoints»
                                     (sam_vit_h_4b8939.pth, sam_vit_l_0b3195.pth, sam_vit_b_01ec64.pth)
               MobileSAM             github.com/ChaoningZhang/MobileSAM, weights/mobile_sam.pt: for processors without a GPU
            2. Export the decoder with that repository's script, for all masks, so without --return-single-mask:
               python scripts/export_onnx_model.py --checkpoint FILE --model-type vit_b --output decoder.onnx
            3. Export the encoder: docs/models.md has the five lines of Python.
            4. Put encoder.onnx, its data files if there are any, and decoder.onnx into the folder above; ./run models checks them.
        """;

    /// <summary>Writes the section.</summary>
    /// <returns>False where something that is installed is incomplete or wrong.</returns>
    public static bool Write(string modelsDirectory, TextWriter output, CancellationToken cancellationToken)
    {
        var folder = new ModelFolder(modelsDirectory, SamMaskGenerator.ModelName);
        output.WriteLine($"{folder.Name}: masks for views that have none, by Segment Anything");
        try
        {
            IReadOnlyList<ModelFile> files = folder.Files;
            if (files.Count == 0)
            {
                output.WriteLine($"  not installed: no files in {folder.FullPath}");
                output.WriteLine("  Without it masks are uploaded, or come from the built-in generator.");
                output.WriteLine(HowToInstall);
                return true;
            }

            foreach (ModelFile file in files)
            {
                output.WriteLine($"  {file.Name,-24} {ModelSize.Of(file.Bytes),10}");
            }

            Write(SamInspection.Of(folder, cancellationToken), output);
            return true;
        }
        catch (Exception error) when (error is MissingModelException or InvalidOnnxModelException)
        {
            output.WriteLine($"  WRONG: {error.Message}");
            output.WriteLine(HowToInstall);
            return false;
        }
    }

    private static void Write(SamInspection sam, TextWriter output)
    {
        int points = new SamOptions().PointsPerSide * new SamOptions().PointsPerSide;
        double viewSeconds = sam.EncoderTime.TotalSeconds + points * sam.PointTime.TotalSeconds;
        output.WriteLine($"  variant    {sam.Variant}");
        output.WriteLine($"  encoder    {sam.EncoderInterface}");
        output.WriteLine($"  decoder    {sam.DecoderInterface}");
        output.WriteLine($"  sha-256    {sam.Hash}");
        output.WriteLine($"  runs on    {sam.Provider}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  tried      {sam.EncoderTime.TotalSeconds:0.00} s a picture, {sam.PointTime.TotalMilliseconds:0.0} ms a point: ")
            + string.Create(CultureInfo.InvariantCulture, $"about {viewSeconds:0} s a view of {points} points"));
        if (sam.MasksPerPoint == 1)
        {
            output.WriteLine("  note       It gives only the best mask of a point, so parts inside objects are lost; export it without");
            output.WriteLine("             --return-single-mask.");
        }

        output.WriteLine("  right");
    }
}
