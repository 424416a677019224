using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Persistence.Files;

namespace Saga.Api.Hosting;

/// <summary>Turns exceptions into problem details; what is not foreseen says nothing but a trace id.</summary>
internal sealed partial class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone, perhaps in the middle of an upload; nobody reads an answer.
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
        InvalidImageException => (StatusCodes.Status422UnprocessableEntity, ProblemCodes.InvalidImages, exception.Message),
        InvalidMaskException => (StatusCodes.Status422UnprocessableEntity, ProblemCodes.InvalidMasks, exception.Message),
        InvalidArchiveException => (StatusCodes.Status422UnprocessableEntity, ProblemCodes.UnsupportedFormat, exception.Message),
        PromptRefusedException refused => (StatusCodes.Status422UnprocessableEntity, refused.Code, refused.Message),
        JsonException json => (StatusCodes.Status400BadRequest, ProblemCodes.InvalidRequest, JsonDetail(json)),
        BadHttpRequestException bad => (bad.StatusCode, ProblemCodes.OfStatus(bad.StatusCode), BindingDetail(bad)),
        _ when DatabaseErrors.IsDown(exception) => (StatusCodes.Status503ServiceUnavailable, ProblemCodes.DatabaseUnavailable,
            "The database does not answer; scenes in memory still take prompts. Try again shortly."),
        DamagedFileException => (StatusCodes.Status500InternalServerError, ProblemCodes.FileDamaged,
            "A file of this scene is damaged in the file store. Upload it again, or have it restored from a backup; the log names it."),
        IOException or UnauthorizedAccessException => (StatusCodes.Status503ServiceUnavailable, ProblemCodes.StorageUnavailable,
            "The file store cannot be read or written now; /health/ready says what fails. Try again shortly."),
        _ => (StatusCodes.Status500InternalServerError, ProblemCodes.InternalError,
            "The service failed on this request. The trace id finds the reason in its log."),
    };

    private static string BindingDetail(BadHttpRequestException bad) => bad.InnerException switch
    {
        JsonException json => JsonDetail(json),

        // The framework speaks to the programmer of the service, not to its user.
        _ when bad.Message.StartsWith("Implicit body", StringComparison.Ordinal) => "The request has no body, or null; a JSON object was expected.",
        _ when BindingFailure().Match(bad.Message) is { Success: true } failure =>
            $"{failure.Groups["name"].Value} is «{LogText.Clean(failure.Groups["value"].Value)}»; "
            + (failure.Groups["type"].Value.Contains("Guid", StringComparison.Ordinal) ? "a UUID was expected." : "a whole number was expected."),
        _ => bad.Message,
    };

    [GeneratedRegex("^Failed to bind parameter \"(?<type>[^ ]+) (?<name>[^\"]+)\" from \"(?<value>.*)\"\\.$", RegexOptions.Singleline)]
    private static partial Regex BindingFailure();

    private static string JsonDetail(JsonException json) =>
        $"The JSON body cannot be read at {LogText.Clean(json.Path)} (line {json.LineNumber + 1}): "
        + "it is damaged, too deep, or a value has the wrong type.";

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed, trace {TraceId}")]
    private static partial void LogFailure(ILogger logger, Exception error, string method, string path, string traceId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} refused with {Code}: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string method, string path, string code, string reason);
}
