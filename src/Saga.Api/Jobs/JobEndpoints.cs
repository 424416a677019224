using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Saga.Api.Access;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Api.Text;
using Saga.Persistence;
using Saga.Persistence.Access;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Worker.Masks;

namespace Saga.Api.Jobs;

internal static class JobEndpoints
{
    private const int MaxKeyLength = 200;

    private static readonly JsonSerializerOptions StoredOptions = new(ContractJson.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/scenes/{sceneId:guid}/jobs", Create)
            .WithName("CreateJob").WithTags("Jobs")
            .WithSummary("Train the scene's affinity features in the background")
            .WithDescription("With an Idempotency-Key header a repeated request gets the job of the first one.")
            .ProducesRefusals(404, 409, 422);

        RouteGroupBuilder jobs = routes.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapGet("/", List).WithName("ListJobs").WithSummary("Jobs, newest first, of one scene or in one state if asked");
        jobs.MapGet("/{jobId:guid}", Get).WithName("GetJob").WithSummary("One job").ProducesRefusals(404);
        jobs.MapPost("/{jobId:guid}/cancel", Cancel)
            .WithName("CancelJob").WithSummary("Cancel a job; a finished one stays as it is")
            .ProducesRefusals(404);
    }

    private static async Task<Accepted<JobResponse>> Create(
        Guid sceneId,
        JobRequest request,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        SagaDbContext db,
        JobStore jobs,
        HttpContext context,
        TextModel text,
        MaskGenerators generators,
        CancellationToken cancellationToken)
    {
        request.Check();
        CheckKey(idempotencyKey);
        SceneRecord scene = await db.RequireSceneAsync(sceneId, cancellationToken);
        if (request.Kind == JobKinds.Vocabulary)
        {
            CheckVocabulary(scene, text);
        }
        else
        {
            CheckInputs(scene, request.Options, generators);
        }

        string options = JsonSerializer.Serialize(request.Options ?? TrainOptionsRequest.Defaults, StoredOptions);
        EnqueueResult result;
        try
        {
            result = await jobs.EnqueueAsync(sceneId, request.Kind!, options, idempotencyKey, context.Owner(), cancellationToken);
        }
        catch (QuotaExceededException exceeded)
        {
            throw KeyQuotas.Refusal(exceeded);
        }

        return result.Outcome switch
        {
            EnqueueOutcome.SceneMissing => throw SceneLookup.NotFound(sceneId),
            EnqueueOutcome.Busy => throw RefusedException.Conflict(
                ProblemCodes.JobRunning, $"Job {result.Job!.Id} of this scene is not finished; wait for it or cancel it first."),
            EnqueueOutcome.Repeated when result.Job!.OptionsJson != options => throw RefusedException.Unprocessable(
                ProblemCodes.InvalidIdempotencyKey, $"This Idempotency-Key belongs to job {result.Job.Id} with other options; use a new key."),
            _ => TypedResults.Accepted($"/api/v1/jobs/{result.Job!.Id}", JobResponse.From(result.Job)),
        };
    }

    private static async Task<Ok<Page<JobResponse>>> List(
        Guid? sceneId, string? state, int? page, int? pageSize, SagaDbContext db, CancellationToken cancellationToken)
    {
        PageRequest asked = PageRequest.From(page, pageSize);
        IQueryable<JobRecord> jobs = db.Jobs.AsNoTracking();
        if (sceneId is { } scene)
        {
            jobs = jobs.Where(job => job.SceneId == scene);
        }

        if (state is not null)
        {
            JobState wanted = ParseState(state);
            jobs = jobs.Where(job => job.State == wanted);
        }

        int total = await jobs.CountAsync(cancellationToken);
        List<JobRecord> records = await jobs.OrderByDescending(job => job.QueuedAt).ThenByDescending(job => job.Id)
            .Skip(asked.Skip).Take(asked.Size).ToListAsync(cancellationToken);
        return TypedResults.Ok(new Page<JobResponse>([.. records.Select(JobResponse.From)], asked.Number, asked.Size, total));
    }

    private static async Task<Ok<JobResponse>> Get(Guid jobId, SagaDbContext db, CancellationToken cancellationToken)
    {
        JobRecord job = await db.Jobs.AsNoTracking().SingleOrDefaultAsync(j => j.Id == jobId, cancellationToken)
            ?? throw NotFound(jobId);
        return TypedResults.Ok(JobResponse.From(job));
    }

    private static async Task<Accepted<JobResponse>> Cancel(Guid jobId, JobStore jobs, CancellationToken cancellationToken)
    {
        JobRecord job = await jobs.CancelAsync(jobId, cancellationToken) ?? throw NotFound(jobId);
        return TypedResults.Accepted($"/api/v1/jobs/{jobId}", JobResponse.From(job));
    }

    private static void CheckVocabulary(SceneRecord scene, TextModel text)
    {
        if (scene.ModelKey is null)
        {
            throw RefusedException.Conflict(
                ProblemCodes.SceneNotTrained, $"Scene {scene.Id} has no trained model; a job of kind train makes one, and a vocabulary is made of it.");
        }

        text.Require();
    }

    /// <summary>Says at once what a worker would find missing only later.</summary>
    private static void CheckInputs(SceneRecord scene, TrainOptionsRequest? options, MaskGenerators generators)
    {
        if (scene.GaussianCount == 0)
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.SceneEmpty, "The scene has no Gaussians; PUT them to /api/v1/scenes/{id}/gaussians first.");
        }

        if (scene.ViewCount == 0)
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.ViewsMissing,
                "The scene has no views. PUT its cameras to /api/v1/scenes/{id}/cameras, or its Gaussians again: views are then made for it.");
        }

        string source = options?.MaskSource ?? "auto";
        if (source is "uploaded" && scene.MaskCount == 0)
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.MasksMissing,
                "The scene has no masks; PUT a zip of them to /api/v1/scenes/{id}/masks first, or let the service make them: maskSource «auto».");
        }

        if (source is "sam" && !generators.HasSam)
        {
            throw RefusedException.Unprocessable(ProblemCodes.ModelMissing, MaskGenerators.SamMissing);
        }
    }

    private static void CheckKey(string? key)
    {
        if (key is not null && (key.Length is 0 or > MaxKeyLength || key.Any(c => c is < '!' or > '~')))
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.InvalidIdempotencyKey, $"An Idempotency-Key is 1 to {MaxKeyLength} visible ASCII characters; a UUID does.");
        }
    }

    private static JobState ParseState(string text) =>
        text.All(char.IsAsciiLetter) && Enum.TryParse(text, ignoreCase: true, out JobState state)
            ? state
            : throw RefusedException.BadRequest(
                $"state is «{LogText.Clean(text)}»; the states are queued, running, succeeded, failed and canceled.");

    private static RefusedException NotFound(Guid jobId) =>
        RefusedException.NotFound(ProblemCodes.JobNotFound, $"There is no job {jobId}; GET /api/v1/jobs lists them.");
}
