namespace Saga.Persistence.Selections;

/// <summary>A named selection of a scene's Gaussians, kept on the server.</summary>
/// <remarks>Written by <see cref="SelectionStore"/> alone, which keeps the revisions and the versions right.</remarks>
public sealed class SelectionRecord
{
    public Guid Id { get; set; }

    public Guid SceneId { get; set; }

    public string Name { get; set; } = "";

    /// <summary>⌈N/8⌉ bytes over the uploaded file's records, least significant bit first.</summary>
    public byte[] Bits { get; set; } = [];

    public int GaussianCount { get; set; }

    public int SelectedCount { get; set; }

    /// <summary>How the selection is shown, as <c>#rrggbb</c> in lower case; null while nobody chose.</summary>
    public string? Color { get; set; }

    /// <summary>True while whoever looks at the scene does not want to see these Gaussians.</summary>
    public bool Hidden { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>From 1, one more with every change of anything here; the same version is the same selection.</summary>
    public int Version { get; set; } = 1;

    /// <summary>Number of the revision whose members these are.</summary>
    public int Revision { get; set; } = 1;

    /// <summary>The oldest revision that undoing can reach.</summary>
    public int FirstRevision { get; set; } = 1;

    /// <summary>The newest revision, which redoing can reach. Numbers are never used twice.</summary>
    public int LastRevision { get; set; } = 1;

    /// <summary>The selection after a change of its members.</summary>
    internal SelectionRecord With(byte[] bits, int selectedCount, int revision, int firstRevision, int lastRevision)
    {
        var changed = (SelectionRecord)MemberwiseClone();
        changed.Bits = bits;
        changed.SelectedCount = selectedCount;
        changed.Revision = revision;
        changed.FirstRevision = firstRevision;
        changed.LastRevision = lastRevision;
        changed.Version++;
        return changed;
    }
}
