using Microsoft.AspNetCore.Mvc;

namespace Saga.Api.Hosting;

/// <summary>Says in OpenAPI which refusals a call may answer.</summary>
internal static class EndpointDocs
{
    public static TBuilder ProducesRefusals<TBuilder>(this TBuilder builder, params int[] statuses)
        where TBuilder : IEndpointConventionBuilder
    {
        foreach (int status in statuses)
        {
            builder.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), ["application/problem+json"]));
        }

        return builder;
    }
}
