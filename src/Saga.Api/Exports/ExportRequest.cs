using Saga.Api.Hosting;
using Saga.Engine.Scenes;

namespace Saga.Api.Exports;

/// <summary>Where an export says which label a Gaussian has.</summary>
internal enum LabelPlacement
{
    None,

    /// <summary>In files of their own, zipped with the scene.</summary>
    Sidecar,

    /// <summary>As a further property of a .ply.</summary>
    Column,
}

/// <summary>Which file is asked for.</summary>
/// <param name="Format">A format that is written.</param>
/// <param name="SpzVersion">Version of .spz.</param>
/// <param name="Labels">Where labels go.</param>
internal sealed record ExportRequest(GaussianFileFormat Format, int SpzVersion, LabelPlacement Labels)
{
    /// <summary>The names of what <see cref="Parse"/> takes, for messages.</summary>
    public const string Formats = "ply, compressed.ply, splat and spz";

    /// <summary>True where the file is the uploaded one, or made of it record by record; false where a scene is packed.</summary>
    public bool IsPly => Format == GaussianFileFormat.Ply;

    /// <summary>Ending of the file's name.</summary>
    public string Ending => Labels == LabelPlacement.Sidecar ? ".zip" : GaussianFile.ExtensionOf(Format);

    /// <summary>What tells this export from others of the same scene, for entity tags.</summary>
    public string Tag => FormattableString.Invariant($"{Format}-{SpzVersion}-{Labels}");

    /// <summary>Understands the query of an export; null where the format is none of these.</summary>
    /// <exception cref="RefusedException">422 <c>invalid-export</c>.</exception>
    public static ExportRequest? Parse(string? format, int? version, string? labels)
    {
        GaussianFileFormat? parsed = format switch
        {
            null or "ply" => GaussianFileFormat.Ply,
            "compressed.ply" => GaussianFileFormat.CompressedPly,
            "splat" => GaussianFileFormat.Splat,
            "spz" => GaussianFileFormat.Spz,
            _ => null,
        };
        if (parsed is null)
        {
            return null;
        }

        LabelPlacement placement = labels switch
        {
            null or "none" or "false" => LabelPlacement.None,
            "true" or "sidecar" => LabelPlacement.Sidecar,
            "column" => LabelPlacement.Column,
            _ => throw Invalid(
                $"labels is «{LogText.Clean(labels)}»; labels are none, sidecar (files of their own, zipped with the scene) or column."),
        };
        if (placement == LabelPlacement.Column && parsed != GaussianFileFormat.Ply)
        {
            throw Invalid("Only a .ply can hold labels as a column; ask for format=ply, or for labels=sidecar.");
        }

        if (version is not null && parsed != GaussianFileFormat.Spz)
        {
            throw Invalid("Only spz has versions; ask for format=spz, or leave version out.");
        }

        return version is null or (>= GaussianFile.OldestSpzVersion and <= GaussianFile.NewestSpzVersion)
            ? new ExportRequest(parsed.Value, version ?? GaussianFile.NewestSpzVersion, placement)
            : throw Invalid(
                $"version is {version}; .spz is written in versions {GaussianFile.OldestSpzVersion} to {GaussianFile.NewestSpzVersion}.");
    }

    /// <summary>A refusal of an export that cannot be made.</summary>
    public static RefusedException Invalid(string detail) => RefusedException.Unprocessable(ProblemCodes.InvalidExport, detail);
}
