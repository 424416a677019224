using Saga.Engine.OpenVocabulary;

namespace Saga.Api.Residency;

/// <summary>What a scene's masks look like to CLIP, ready for texts.</summary>
internal sealed class SceneVocabulary(MaskVocabulary vocabulary, int gaussianCount) : IResident
{
    public MaskVocabulary Vocabulary { get; } = vocabulary;

    public long ByteCount => Vocabulary.ByteCount;

    public int GaussianCount => gaussianCount;
}
