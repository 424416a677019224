using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Saga.Engine.OpenVocabulary;

/// <summary>Turns text into the token ids that CLIP's text encoder reads: byte-pair encoding over lower-cased words.</summary>
/// <remarks>
/// The vocabulary is the model's own: <c>vocab.json</c> (token to id) and <c>merges.txt</c> (one pair a line, most important first),
/// as published beside the model. Safe for use by several threads at once.
/// </remarks>
public sealed partial class ClipTokenizer
{
    /// <summary>Ids of a text, start, end and padding included.</summary>
    public const int ContextLength = 77;

    private const string StartToken = "<|startoftext|>";
    private const string EndToken = "<|endoftext|>";
    private const string EndOfWord = "</w>";

    /// <summary>CLIP's own files have 1.6 MB together; nothing near this is a vocabulary.</summary>
    private const long MaxFileBytes = 64L << 20;

    private readonly BytePairs _words;
    private readonly int _startId;
    private readonly int _endId;

    private ClipTokenizer(BytePairs words, int startId, int endId)
    {
        _words = words;
        _startId = startId;
        _endId = endId;
    }

    /// <summary>Reads a vocabulary.</summary>
    /// <param name="vocabularyPath"><c>vocab.json</c>.</param>
    /// <param name="mergesPath"><c>merges.txt</c>.</param>
    /// <exception cref="InvalidVocabularyException">A file is missing, damaged, or not CLIP's.</exception>
    public static ClipTokenizer Open(string vocabularyPath, string mergesPath)
    {
        Dictionary<string, int> vocabulary = ReadVocabulary(vocabularyPath);
        List<string> merges = ReadMerges(mergesPath, vocabulary);
        return Create(vocabulary, merges);
    }

    /// <summary>Makes a tokenizer of a vocabulary in memory.</summary>
    /// <param name="vocabulary">Ids by token; holds the start and end tokens and every byte alone, with and without the end-of-word sign.</param>
    /// <param name="merges">Pairs of tokens separated by a blank, the one to be merged first at the front.</param>
    /// <exception cref="InvalidVocabularyException">A token that is always needed is missing.</exception>
    internal static ClipTokenizer Create(IReadOnlyDictionary<string, int> vocabulary, IEnumerable<string> merges)
    {
        int startId = Require(vocabulary, StartToken);
        int endId = Require(vocabulary, EndToken);
        foreach (char sign in BytePairs.SignOfEachByte())
        {
            Require(vocabulary, sign.ToString());
            Require(vocabulary, sign + EndOfWord);
        }

        var ranks = new Dictionary<(string, string), int>();
        foreach (string merge in merges)
        {
            string[] pair = merge.Split(' ');
            ranks.TryAdd((pair[0], pair[1]), ranks.Count);
        }

        return new ClipTokenizer(new BytePairs(vocabulary, ranks, EndOfWord), startId, endId);
    }

    /// <summary>Ids of a text: the start token, the words, the end token, zeros.</summary>
    /// <param name="text">Any text; what does not fit is cut off, the end token stays.</param>
    /// <returns>[<see cref="ContextLength"/>].</returns>
    public long[] Encode(string text)
    {
        long[] ids = new long[ContextLength];
        ids[0] = _startId;
        int count = 1;
        foreach (Match word in WordPattern().Matches(Clean(text)))
        {
            foreach (int id in IdsOf(word.Value))
            {
                if (count < ContextLength - 1)
                {
                    ids[count++] = id;
                }
            }
        }

        ids[count] = _endId;
        return ids;
    }

    private int[] IdsOf(string word) => word switch
    {
        StartToken => [_startId],
        EndToken => [_endId],
        _ => _words.Encode(word),
    };

    /// <summary>Entities decoded (twice, as texts from the web often are encoded), blanks joined, lower case.</summary>
    private static string Clean(string text)
    {
        string decoded = WebUtility.HtmlDecode(WebUtility.HtmlDecode(text));
        return Blanks().Replace(decoded, " ").Trim().ToLowerInvariant();
    }

    private static Dictionary<string, int> ReadVocabulary(string path)
    {
        byte[] bytes = ReadFile(path);
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, int>>(bytes)
                ?? throw new InvalidVocabularyException($"{Path.GetFileName(path)} holds null; expected an object of tokens and their ids.");
        }
        catch (JsonException error)
        {
            throw new InvalidVocabularyException(
                $"{Path.GetFileName(path)} is not the JSON object of tokens and ids that CLIP's vocab.json is (line {error.LineNumber + 1}).", error);
        }
    }

    private static List<string> ReadMerges(string path, Dictionary<string, int> vocabulary)
    {
        string name = Path.GetFileName(path);
        var merges = new List<string>();
        int line = 0;
        using var reader = new StreamReader(new MemoryStream(ReadFile(path)));
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (text.Length == 0 || (line == 1 && text.StartsWith('#')))
            {
                continue;
            }

            string[] pair = text.Split(' ');
            if (pair.Length != 2 || pair[0].Length == 0 || pair[1].Length == 0)
            {
                throw new InvalidVocabularyException($"{name}: line {line} is not two tokens separated by a blank.");
            }

            if (!vocabulary.ContainsKey(pair[0] + pair[1]))
            {
                throw new InvalidVocabularyException(
                    $"{name}: line {line} makes a token that vocab.json does not have; the two files are of different models.");
            }

            merges.Add(text);
        }

        return merges.Count > 0 ? merges : throw new InvalidVocabularyException($"{name} holds no merges; expected CLIP's merges.txt.");
    }

    private static byte[] ReadFile(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new InvalidVocabularyException($"{file.Name} is missing beside the model; it is published with it.");
        }

        return file.Length <= MaxFileBytes
            ? File.ReadAllBytes(path)
            : throw new InvalidVocabularyException($"{file.Name} has {file.Length} bytes; a vocabulary has at most {MaxFileBytes}.");
    }

    private static int Require(IReadOnlyDictionary<string, int> vocabulary, string token) =>
        vocabulary.TryGetValue(token, out int id) && id >= 0
            ? id
            : throw new InvalidVocabularyException($"The vocabulary has no id for «{token}»; expected CLIP's own vocab.json.");

    /// <summary>CLIP's words: contractions, runs of letters, single digits, runs of other signs.</summary>
    [GeneratedRegex(@"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
