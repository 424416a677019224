using System.Collections.Concurrent;
using System.Text;

namespace Saga.Engine.OpenVocabulary;

/// <summary>
/// Byte-pair encoding: a word's UTF-8 bytes, each a sign of its own, are merged pair by pair, the pair of the lowest rank first, until no pair has a
/// rank. Safe for use by several threads at once.
/// </summary>
/// <param name="vocabulary">Ids by token.</param>
/// <param name="ranks">Rank of each pair, the most important 0.</param>
/// <param name="endOfWord">Ends the last sign of a word.</param>
internal sealed class BytePairs(IReadOnlyDictionary<string, int> vocabulary, IReadOnlyDictionary<(string, string), int> ranks, string endOfWord)
{
    /// <summary>Words come again; a text has a few.</summary>
    private const int RememberedWords = 4096;

    private static readonly string[] Signs = [.. SignOfEachByte().Select(sign => sign.ToString())];

    private readonly ConcurrentDictionary<string, int[]> _words = new(StringComparer.Ordinal);

    /// <summary>The sign that stands for each byte: itself where it can be seen, else one beyond the first 256.</summary>
    public static char[] SignOfEachByte()
    {
        var signs = new char[256];
        int next = 256;
        for (int value = 0; value < signs.Length; value++)
        {
            bool isSeen = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            signs[value] = isSeen ? (char)value : (char)next++;
        }

        return signs;
    }

    /// <summary>Ids of a word's tokens.</summary>
    /// <param name="word">Not empty.</param>
    public int[] Encode(string word)
    {
        if (_words.TryGetValue(word, out int[]? known))
        {
            return known;
        }

        if (_words.Count >= RememberedWords)
        {
            _words.Clear();
        }

        return _words[word] = Merge(word);
    }

    private int[] Merge(string word)
    {
        List<string> tokens = [.. Encoding.UTF8.GetBytes(word).Select(value => Signs[value])];
        tokens[^1] += endOfWord;
        while (tokens.Count > 1)
        {
            int best = -1;
            int rank = int.MaxValue;
            for (int i = 0; i + 1 < tokens.Count; i++)
            {
                if (ranks.TryGetValue((tokens[i], tokens[i + 1]), out int found) && found < rank)
                {
                    (best, rank) = (i, found);
                }
            }

            if (best < 0)
            {
                break;
            }

            // All pairs of the same two tokens, from the left, as published.
            (string left, string right) = (tokens[best], tokens[best + 1]);
            for (int i = best; i + 1 < tokens.Count; i++)
            {
                if (tokens[i] == left && tokens[i + 1] == right)
                {
                    tokens[i] += right;
                    tokens.RemoveAt(i + 1);
                }
            }
        }

        // Every byte alone is in the vocabulary, and every merge makes a token of it: both were checked when it was read.
        return [.. tokens.Select(token => vocabulary[token])];
    }
}
