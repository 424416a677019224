namespace Saga.Api.Hosting;

/// <summary>A request that cannot be answered as asked; becomes problem details with its status and code.</summary>
/// <param name="status">HTTP status, 4xx, 503 or 507.</param>
/// <param name="code">Stable and machine-readable, part of the contract.</param>
/// <param name="detail">What was found, what was expected, the way out.</param>
internal sealed class RefusedException(int status, string code, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public static RefusedException NotFound(string code, string detail) => new(StatusCodes.Status404NotFound, code, detail);

    public static RefusedException Conflict(string code, string detail) => new(StatusCodes.Status409Conflict, code, detail);

    public static RefusedException Unprocessable(string code, string detail) =>
        new(StatusCodes.Status422UnprocessableEntity, code, detail);

    public static RefusedException BadRequest(string detail) => new(StatusCodes.Status400BadRequest, ProblemCodes.InvalidRequest, detail);

    public static RefusedException Unavailable(string code, string detail) => new(StatusCodes.Status503ServiceUnavailable, code, detail);
}
