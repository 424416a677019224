using System.Buffers.Text;
using System.Text;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Persistence.Scenes;

namespace Saga.Api.Uploads;

/// <summary>What <c>Upload-Metadata</c> says: names and values in base64, between commas.</summary>
/// <param name="Kind">Which of a scene's four files it is.</param>
/// <param name="FileName">Cleaned.</param>
/// <param name="SceneId">The scene that it is for, where the client knows already.</param>
internal sealed record UploadMetadata(AssetKind Kind, string FileName, Guid? SceneId)
{
    /// <summary>A name of 120 letters of any script and what clients add of their own fit several times.</summary>
    private const int MaxLength = 4096;

    /// <exception cref="RefusedException">400: damaged, or without a kind.</exception>
    public static UploadMetadata Parse(string text)
    {
        Dictionary<string, string> values = Values(text);
        AssetKind kind = values.TryGetValue("kind", out string? name) && SceneFiles.KindOf(name) is { } known
            ? known
            : throw RefusedException.BadRequest(
                $"{TusProtocol.MetadataHeader} {(name is null ? "has no kind" : $"says the kind is «{LogText.Clean(name)}»")}; "
                + "expected gaussians, cameras, images or masks, in base64.");
        Guid? scene = !values.TryGetValue("scene", out string? id) ? null : Guid.TryParse(id, out Guid parsed) ? parsed
            : throw RefusedException.BadRequest(
                $"{TusProtocol.MetadataHeader} says the scene is «{LogText.Clean(id)}»; a UUID was expected.");
        return new UploadMetadata(kind, SceneFiles.CleanName(values.GetValueOrDefault("filename"), SceneFiles.NameOf(kind)), scene);
    }

    private static Dictionary<string, string> Values(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (text.Length > MaxLength)
        {
            throw RefusedException.BadRequest($"{TusProtocol.MetadataHeader} is longer than {MaxLength} characters.");
        }

        foreach (string pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] parts = pair.Split(' ');
            string value = parts.Length > 1 ? parts[1] : "";
            if (parts.Length > 2 || !Base64.IsValid(value)
                || !values.TryAdd(parts[0], Encoding.UTF8.GetString(Convert.FromBase64String(value))))
            {
                throw RefusedException.BadRequest(
                    $"{TusProtocol.MetadataHeader} cannot be read at «{LogText.Clean(pair)}»; expected pairs of a name and a value in "
                    + "base64, a space between, each name once.");
            }
        }

        return values;
    }
}
