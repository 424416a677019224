using Microsoft.OpenApi;
using Saga.Api.Selections;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Saga.Api.Hosting;

/// <summary>Marks a call whose body is an uploaded file, or a form of files; OpenAPI shows it, the handler streams it.</summary>
internal sealed record UploadBody(bool IsForm);

internal static class SwaggerSetup
{
    public static void AddSagaSwagger(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc("v1", new OpenApiInfo
            {
                Title = "Saga",
                Version = "v1",
                Description = "Upload a 3D Gaussian splat, train it on masks of its photos, click a point: get the Gaussians of that object.",
            });
            options.OperationFilter<UploadBodies>();
            options.MapType<SelectionIndices>(() => new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
            });
            foreach (string documentation in Directory.EnumerateFiles(AppContext.BaseDirectory, "Saga.Api.xml"))
            {
                options.IncludeXmlComments(documentation);
            }
        });
    }

    public static void UseSagaSwagger(this IApplicationBuilder app)
    {
        app.UseSwagger();
        app.UseSwaggerUI(options =>
        {
            options.DocumentTitle = "Saga";
            options.SwaggerEndpoint("/swagger/v1/swagger.json", "Saga v1");
        });
    }

    private sealed class UploadBodies : IOperationFilter
    {
        private static readonly string[] Files = ["gaussians", "cameras", "images", "masks"];

        public void Apply(OpenApiOperation operation, OperationFilterContext context)
        {
            UploadBody? upload = context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<UploadBody>().FirstOrDefault();
            if (upload is null)
            {
                return;
            }

            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = upload.IsForm
                    ? new Dictionary<string, OpenApiMediaType>
                    {
                        ["multipart/form-data"] = new OpenApiMediaType { Schema = Form() },
                        ["application/json"] = new OpenApiMediaType { Schema = NameOnly() },
                    }
                    : new Dictionary<string, OpenApiMediaType> { ["application/octet-stream"] = new OpenApiMediaType { Schema = Binary() } },
            };
        }

        private static OpenApiSchema NameOnly() => new()
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "name" },
            Properties = new Dictionary<string, IOpenApiSchema> { ["name"] = Text() },
        };

        private static OpenApiSchema Form()
        {
            OpenApiSchema form = NameOnly();
            form.Required!.Add(Files[0]);
            foreach (string file in Files)
            {
                form.Properties![file] = Binary();
            }

            return form;
        }

        private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

        private static OpenApiSchema Binary() => new() { Type = JsonSchemaType.String, Format = "binary" };
    }
}
