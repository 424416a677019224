using System.Text.Json;
using Saga.Engine.OpenVocabulary;
using Saga.Tests;

namespace Saga.Engine.Tests.OpenVocabulary;

public sealed class ClipTokenizerTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(
        SharedData.RepositoryRoot, "tests", "Saga.Engine.Tests", "OpenVocabulary", "Fixtures", "clip_tokens.json"))).RootElement;

    public static TheoryData<string, long[]> Cases()
    {
        var cases = new TheoryData<string, long[]>();
        foreach (JsonElement entry in Golden.GetProperty("cases").EnumerateArray())
        {
            cases.Add(entry.GetProperty("text").GetString()!, entry.GetProperty("ids").Deserialize<long[]>()!);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ids_equal_those_of_an_independent_implementation_with_the_published_vocabulary(string text, long[] expected) =>
        Assert.Equal(expected, Clip().Encode(text));

    [Fact]
    public void Letters_beyond_ASCII_are_encoded_by_their_UTF8_bytes()
    {
        // é is C3 A9: signs Ã and ©, one a byte; the last carries the end-of-word sign. No merge of the golden part joins them.
        long[] ids = Clip().Encode("É");
        Assert.Equal([IdOf("<|startoftext|>"), IdOf("Ã"), IdOf("©</w>"), IdOf("<|endoftext|>"), 0], ids[..5]);
    }

    [Fact]
    public void Files_as_published_are_read()
    {
        using var folder = new TemporaryFolder();
        (string vocabulary, string merges) = WriteFiles(folder);
        Assert.Equal(Clip().Encode("a photo of a blue chair"), ClipTokenizer.Open(vocabulary, merges).Encode("a photo of a blue chair"));
    }

    [Theory]
    [InlineData("{", null, "vocab.json is not the JSON object")]
    [InlineData("null", null, "holds null")]
    [InlineData("{}", null, "of different models")]
    [InlineData(null, "", "holds no merges")]
    [InlineData(null, "a b c", "line 1 is not two tokens")]
    [InlineData(null, "zz zzz", "of different models")]
    public void A_damaged_file_is_refused_by_name(string? vocabularyText, string? mergesText, string expected)
    {
        using var folder = new TemporaryFolder();
        (string vocabulary, string merges) = WriteFiles(folder);
        if (vocabularyText is not null)
        {
            File.WriteAllText(vocabulary, vocabularyText);
        }

        if (mergesText is not null)
        {
            File.WriteAllText(merges, mergesText);
        }

        var error = Assert.Throws<InvalidVocabularyException>(() => ClipTokenizer.Open(vocabulary, merges));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        (string vocabulary, string merges) = WriteFiles(folder);
        File.Delete(merges);
        Assert.Contains("merges.txt is missing", Assert.Throws<InvalidVocabularyException>(() => ClipTokenizer.Open(vocabulary, merges)).Message, StringComparison.Ordinal);
    }

    private static ClipTokenizer Clip() => ClipTokenizer.Create(
        Golden.GetProperty("vocabulary").Deserialize<Dictionary<string, int>>()!, Golden.GetProperty("merges").Deserialize<string[]>()!);

    private static long IdOf(string token) => Golden.GetProperty("vocabulary").GetProperty(token).GetInt64();

    private static (string Vocabulary, string Merges) WriteFiles(TemporaryFolder folder)
    {
        string vocabulary = Path.Combine(folder.Path, "vocab.json");
        string merges = Path.Combine(folder.Path, "merges.txt");
        File.WriteAllText(vocabulary, Golden.GetProperty("vocabulary").GetRawText());
        File.WriteAllLines(merges, ["#version: 0.2", .. Golden.GetProperty("merges").Deserialize<string[]>()!]);
        return (vocabulary, merges);
    }
}
