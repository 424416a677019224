using Saga.Persistence.Files;
using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

/// <summary>An upload that has arrived and is not yet part of a scene; disposing it forgets it unless it was committed.</summary>
/// <param name="FileName">Cleaned, for its extension and for people.</param>
/// <param name="IsMade">True for cameras that the service made because none were uploaded.</param>
internal sealed record StagedAsset(AssetKind Kind, PendingFile File, string FileName, bool IsMade = false) : IAsyncDisposable
{
    /// <summary>The asset's id once it is one.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public ValueTask DisposeAsync() => File.DisposeAsync();
}
