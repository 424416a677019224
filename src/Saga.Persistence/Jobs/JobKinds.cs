namespace Saga.Persistence.Jobs;

/// <summary>The kinds of job, as the HTTP contract names them.</summary>
public static class JobKinds
{
    /// <summary>Trains the affinity features.</summary>
    public const string Train = "train";

    /// <summary>Looks at the masks with CLIP, for text queries.</summary>
    public const string Vocabulary = "vocabulary";

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<string> All { get; } = [Train, Vocabulary];
}
