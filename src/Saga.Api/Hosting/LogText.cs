namespace Saga.Api.Hosting;

/// <summary>Text from a client, fit for a log line or a message: one line, short, no control characters.</summary>
internal static class LogText
{
    private const int MaxLength = 100;

    public static string Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        ReadOnlySpan<char> shown = text.AsSpan(0, Math.Min(text.Length, MaxLength));
        return string.Create(shown.Length, text, static (result, source) =>
        {
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) || source[i] is '\u2028' or '\u2029' ? '?' : source[i];
            }
        });
    }
}
