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

    public DateTimeOffset CreatedAt { get; set; }
}
