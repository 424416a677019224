namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>A mask on its way through the generator's stages.</summary>
/// <param name="Mask">The mask in the picture's frame, not empty.</param>
/// <param name="Box">Its box in the picture's frame.</param>
/// <param name="Quality">Its IoU as the model predicts it.</param>
/// <param name="Crop">Where it was found.</param>
internal sealed record SamCandidate(BinaryMask Mask, PixelBox Box, float Quality, SamCrop Crop)
{
    /// <summary>Suppresses candidates by the IoU of their boxes.</summary>
    /// <param name="candidates">Candidates.</param>
    /// <param name="score">What is better; equal scores: the earlier.</param>
    /// <param name="threshold">IoU above which the worse goes.</param>
    /// <returns>What stays, by falling score.</returns>
    public static List<SamCandidate> WithoutDuplicates(
        List<SamCandidate> candidates, Func<SamCandidate, float> score, float threshold) =>
    [
        .. BoxSuppression.Keep(
            candidates.Select(c => c.Box).ToArray(), candidates.Select(score).ToArray(), threshold).Select(i => candidates[i]),
    ];
}
