using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Saga.Api.Access;
using Saga.Api.Hosting;
using Saga.Api.Uploads;
using Saga.Persistence.Access;
using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

/// <summary>POST /scenes: an empty scene from JSON, or a scene with its files from a form that is streamed part by part.</summary>
internal static class SceneCreation
{
    private const int MaxNameLength = 200;
    private const int MaxNameBytes = 4 * MaxNameLength;
    private const int MaxBoundaryLength = 200;

    public static async Task<Created<SceneResponse>> Create(HttpContext context, AssetUploads uploads, KeyQuotas quotas, DiskBudget disk)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        Owner owner = context.Owner();
        await quotas.RequireSceneAsync(owner, cancellationToken);
        SceneRecord scene;
        if (context.Request.HasJsonContentType())
        {
            CreateSceneRequest? request = await context.Request.ReadFromJsonAsync<CreateSceneRequest>(cancellationToken);
            scene = await uploads.CreateAsync(CheckedName(request?.Name), [], owner, cancellationToken);
        }
        else if (MediaTypeHeaderValue.TryParse(context.Request.ContentType, out MediaTypeHeaderValue? type)
            && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            disk.RequireRoom(context.Request.ContentLength ?? 0);
            scene = await CreateFromFormAsync(context.Request, BoundaryOf(type), uploads, owner, cancellationToken);
        }
        else
        {
            throw new RefusedException(
                StatusCodes.Status415UnsupportedMediaType,
                ProblemCodes.UnsupportedMediaType,
                $"The content type is «{LogText.Clean(context.Request.ContentType)}»; send application/json or multipart/form-data.");
        }

        return TypedResults.Created($"/api/v1/scenes/{scene.Id}", SceneResponse.From(scene));
    }

    private static async Task<SceneRecord> CreateFromFormAsync(
        HttpRequest request, string boundary, AssetUploads uploads, Owner owner, CancellationToken cancellationToken)
    {
        var form = new MultipartReader(boundary, request.Body);
        var staged = new List<StagedAsset>();
        try
        {
            string? name = null;
            while (await NextAsync(form, cancellationToken) is { } section)
            {
                ContentDispositionHeaderValue? disposition = section.GetContentDispositionHeader();
                string part = HeaderUtilities.RemoveQuotes(disposition?.Name ?? default).ToString();
                if (part == "name")
                {
                    name = await ReadNameAsync(new FormPartStream(section.Body), cancellationToken);
                }
                else
                {
                    AssetKind kind = KindOf(part);
                    if (staged.Any(asset => asset.Kind == kind))
                    {
                        throw RefusedException.BadRequest($"The form holds the part «{part}» twice.");
                    }

                    string fileName = (disposition!.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).ToString();
                    await using var content = new FormPartStream(section.Body);
                    staged.Add(await uploads.StageAsync(kind, content, fileName.Trim('"'), null, owner, cancellationToken));
                }
            }

            string checkedName = CheckedName(name);
            if (!staged.Any(asset => asset.Kind == AssetKind.Gaussians))
            {
                throw RefusedException.Unprocessable(
                    ProblemCodes.InvalidGaussians, "The form has no part «gaussians»; a scene needs at least name and gaussians.");
            }

            return await uploads.CreateAsync(checkedName, staged, owner, cancellationToken);
        }
        finally
        {
            foreach (StagedAsset asset in staged)
            {
                await asset.DisposeAsync();
            }
        }
    }

    private static async Task<MultipartSection?> NextAsync(MultipartReader form, CancellationToken cancellationToken)
    {
        try
        {
            return await form.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception error) when (error is InvalidDataException || (error is IOException and not BadHttpRequestException))
        {
            throw FormPartStream.Damaged();
        }
    }

    private static async Task<string> ReadNameAsync(Stream body, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxNameBytes + 1];
        int read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return System.Text.Encoding.UTF8.GetString(bytes, 0, read);
    }

    private static AssetKind KindOf(string part) => SceneFiles.KindOf(part) ?? throw RefusedException.BadRequest(
        $"The form holds a part «{LogText.Clean(part)}»; its parts are name, gaussians, cameras, images and masks.");

    private static string CheckedName(string? name)
    {
        string trimmed = (name ?? "").Trim();
        return trimmed.Length is > 0 and <= MaxNameLength && !trimmed.Any(char.IsControl)
            ? trimmed
            : throw RefusedException.Unprocessable(
                ProblemCodes.InvalidName, $"A scene needs a name of 1 to {MaxNameLength} printable characters.");
    }

    private static string BoundaryOf(MediaTypeHeaderValue type)
    {
        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= MaxBoundaryLength
            ? boundary
            : throw RefusedException.BadRequest("The multipart content type has no usable boundary.");
    }
}

/// <summary>An empty scene.</summary>
/// <param name="Name">1 to 200 printable characters.</param>
internal sealed record CreateSceneRequest(string? Name);
