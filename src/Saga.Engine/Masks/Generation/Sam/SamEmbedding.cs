using Microsoft.ML.OnnxRuntime;

namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>A picture's embedding, [1, 256, 64, 64], which every prompt on it is answered from; 4 MB.</summary>
internal sealed class SamEmbedding(IDisposableReadOnlyCollection<OrtValue> owner) : IDisposable
{
    /// <summary>The tensor; valid until disposed.</summary>
    public OrtValue Value => owner[0];

    /// <inheritdoc/>
    public void Dispose() => owner.Dispose();
}
