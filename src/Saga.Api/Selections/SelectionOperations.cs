using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Api.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Selections;
using Saga.Persistence;

namespace Saga.Api.Selections;

/// <summary>Makes members of selections: from a request's own, from other selections, along the surfaces of a scene in memory.</summary>
internal readonly record struct SelectionOperations(SagaDbContext Db, ResidentScenes Scenes, WorkQueues Queues)
{
    private const double DefaultScale = 0.5;

    /// <exception cref="RefusedException">What is given makes no sense, or a selection is not there.</exception>
    public async Task<GaussianSelection> MakeAsync(SceneSnapshot scene, MembersRequest request, CancellationToken cancellationToken) =>
        request switch
        {
            { Indices: { } indices } => SelectionAlgebra.FromIndices(indices, scene.GaussianCount),
            { Bitmask: { } bitmask } => SelectionAlgebra.FromBitmask(bitmask, scene.GaussianCount),
            _ => await CombineAsync(scene, request.From!, cancellationToken),
        };

    /// <summary>Edits a selection as asked.</summary>
    /// <exception cref="RefusedException">What is given makes no sense, or a selection is not there.</exception>
    public async Task<GaussianSelection> EditAsync(
        SceneSnapshot scene, GaussianSelection selection, EditRequest request, CancellationToken cancellationToken)
    {
        GaussianSelection? with = request.With switch
        {
            null => null,
            { Indices: { } indices } => SelectionAlgebra.FromIndices(indices, scene.GaussianCount),
            { Bitmask: { } bitmask } => SelectionAlgebra.FromBitmask(bitmask, scene.GaussianCount),
            { Selection: { } id } => await Db.RequireSelectionAsync(scene.Id, id, cancellationToken),
            _ => throw MembersRequest.Invalid("with is empty."),
        };
        return await ApplyAsync(scene, request, with is null ? [selection] : [selection, with], cancellationToken);
    }

    private async Task<GaussianSelection> CombineAsync(SceneSnapshot scene, CombinationRequest from, CancellationToken cancellationToken)
    {
        from.Check();
        var selections = new List<GaussianSelection>();
        foreach (Guid id in from.Of!)
        {
            selections.Add(await Db.RequireSelectionAsync(scene.Id, id, cancellationToken));
        }

        return await ApplyAsync(scene, from, selections, cancellationToken);
    }

    private async Task<GaussianSelection> ApplyAsync(
        SceneSnapshot scene, OperationRequest operation, List<GaussianSelection> selections, CancellationToken cancellationToken)
    {
        if (!operation.IsAlongSurfaces)
        {
            return SelectionAlgebra.Combine(operation.Op!, [.. selections.Select(s => s.Bits)], scene.GaussianCount);
        }

        foreach (int seed in operation.Seeds ?? [])
        {
            if (seed < 0 || seed >= scene.GaussianCount)
            {
                throw MembersRequest.Invalid($"seeds holds {seed}; the scene has Gaussians 0 to {scene.GaussianCount - 1}.");
            }
        }

        // A trained scene is in memory for prompts, most likely with the graph already; an untrained one for pictures.
        if (scene.ModelKey is not null || operation.Similarity is not null)
        {
            using ResidentLease<PromptScene> prompts = await Scenes.AcquirePromptsAsync(scene, cancellationToken);
            PromptSegmenter segmenter = prompts.Value.Segmenter;
            Func<int, int, bool>? alike = operation.Similarity is { } similarity
                ? segmenter.AlikeAt(operation.Scale ?? DefaultScale, (float)similarity)
                : null;
            return await AlongSurfacesAsync(
                new SelectionEditor(prompts.Value.Scene, segmenter.Neighbors), operation, selections[0], alike, cancellationToken);
        }

        using ResidentLease<PictureScene> pictures = await Scenes.AcquirePicturesAsync(scene, cancellationToken);
        return await AlongSurfacesAsync(
            new SelectionEditor(pictures.Value.Scene, pictures.Value.Neighbors), operation, selections[0], null, cancellationToken);
    }

    private async Task<GaussianSelection> AlongSurfacesAsync(
        SelectionEditor editor, OperationRequest operation, GaussianSelection selection, Func<int, int, bool>? alike,
        CancellationToken cancellationToken)
    {
        using WorkQueue.Slot slot = await Queues.Prompts.EnterAsync(cancellationToken);
        return operation switch
        {
            { Op: "grow", Distance: { } distance } => editor.Grow(selection, (float)distance, alike, cancellationToken),
            { Op: "grow" } => editor.Grow(selection, operation.Steps ?? 1, alike, cancellationToken),
            { Op: "shrink", Distance: { } distance } => editor.Shrink(selection, (float)distance, cancellationToken),
            { Op: "shrink" } => editor.Shrink(selection, operation.Steps ?? 1, cancellationToken),
            { Op: "connected", Seeds: { } seeds } => editor.PiecesWith(selection, seeds, cancellationToken),
            { Op: "connected" } => editor.LargestPiece(selection, cancellationToken),
            { Op: "removeFloaters" } => editor.WithoutFloaters(
                selection, operation.MinPiece ?? SelectionEditor.MinPieceSize, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation.Op, "Not an operation along surfaces."),
        };
    }
}
