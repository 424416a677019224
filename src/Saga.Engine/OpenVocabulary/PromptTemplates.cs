namespace Saga.Engine.OpenVocabulary;

/// <summary>Sentences that a text is put into before it is encoded; the mean of their features stands for the text.</summary>
/// <remarks>
/// CLIP was trained on captions, so a bare noun lies off what it knows. The mean over several captions removes what they say
/// beside the noun.
/// </remarks>
internal static class PromptTemplates
{
    private static readonly string[] Sentences =
    [
        "a photo of a {0}.", "a photo of the {0}.", "a close-up photo of a {0}.", "a cropped photo of the {0}.", "there is a {0} in the scene.",
        "this is the {0}.", "a part of a picture that shows a {0}.", "{0}",
    ];

    /// <summary>All sentences with the text in them.</summary>
    public static string[] For(string text) => [.. Sentences.Select(sentence => sentence.Replace("{0}", text, StringComparison.Ordinal))];
}
