namespace Saga.Persistence.Selections;

/// <summary>A named selection of a scene's Gaussians, kept on the server.</summary>
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
}
