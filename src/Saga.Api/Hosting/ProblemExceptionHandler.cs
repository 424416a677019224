using System.Data.Common;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Api.Hosting;

/// <summary>Turns exceptions into problem details; what is not foreseen says nothing but a trace id.</summary>
internal sealed partial class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; nobody reads an answer.
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        (int status, string code, string detail) = Describe(exception);
        string traceId = Activity.Current?.Id ?? context.TraceIdentifier;
        if (status == StatusCodes.Status500InternalServerError)
        {
            LogFailure(logger, exception, context.Request.Method, LogText.Clean(context.Request.Path), traceId);
        }
        else if (status > StatusCodes.Status500InternalServerError)
        {
            LogUnavailable(logger, context.Request.Method, LogText.Clean(context.Request.Path), code, exception.Message);
        }

        await Problems.WriteAsync(context, status, code, detail);
        return true;
    }

    private static (int Status, string Code, string Detail) Describe(Exception exception) => exception switch
    {
        RefusedException refused => (refused.Status, refused.Code, refused.Message),
        InvalidSceneException => (StatusCodes.Status422UnprocessableEntity, ProblemCodes.InvalidGaussians, exception.Message),
        InvalidCameraException => (StatusCodes.Status422UnprocessableEntity, ProblemCodes.InvalidCameras, exception.Message),
        InvalidMaskException => (StatusCodes.Status422UnprocessableEntity, ProblemCodes.InvalidMasks, exception.Message),
        InvalidArchiveException => (StatusCodes.Status422UnprocessableEntity, ProblemCodes.UnsupportedFormat, exception.Message),
        PromptRefusedException refused => (StatusCodes.Status422UnprocessableEntity, refused.Code, refused.Message),
        JsonException json => (StatusCodes.Status400BadRequest, ProblemCodes.InvalidRequest, JsonDetail(json)),
        BadHttpRequestException bad => (bad.StatusCode, ProblemCodes.OfStatus(bad.StatusCode), BindingDetail(bad)),
        _ when IsDatabaseDown(exception) => (StatusCodes.Status503ServiceUnavailable, ProblemCodes.DatabaseUnavailable,
            "The database does not answer; scenes in memory still take prompts. Try again shortly."),
        IOException or UnauthorizedAccessException => (StatusCodes.Status503ServiceUnavailable, ProblemCodes.StorageUnavailable,
            "The file store cannot be read or written now; /health/ready says what fails. Try again shortly."),
        _ => (StatusCodes.Status500InternalServerError, ProblemCodes.InternalError,
            "The service failed on this request. The trace id finds the reason in its log."),
    };

    /// <summary>True when the database cannot be reached or cannot work now; false for mistakes in what we asked of it.</summary>
    internal static bool IsDatabaseDown(Exception exception) => exception switch
    {
        PostgresException refused => refused.IsTransient || refused.SqlState.StartsWith("57P", StringComparison.Ordinal),
        NpgsqlException => true,

        // busy, locked, read-only, input/output, full, cannot open, not a database
        SqliteException sqlite => sqlite.SqliteErrorCode is 5 or 6 or 8 or 10 or 13 or 14 or 26,
        DbUpdateConcurrencyException => false,
        DbUpdateException { InnerException: DbException inner } => IsDatabaseDown(inner),
        InvalidOperationException { InnerException: DbException inner } => IsDatabaseDown(inner),
        TimeoutException => true,
        _ => false,
    };

    private static string BindingDetail(BadHttpRequestException bad) => bad.InnerException switch
    {
        JsonException json => JsonDetail(json),
        _ => bad.Message,
    };

    private static string JsonDetail(JsonException json) =>
        $"The JSON body cannot be read at {LogText.Clean(json.Path)} (line {json.LineNumber + 1}): it is damaged, too deep, or a value has the wrong type.";

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed, trace {TraceId}")]
    private static partial void LogFailure(ILogger logger, Exception error, string method, string path, string traceId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} refused with {Code}: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string method, string path, string code, string reason);
}
