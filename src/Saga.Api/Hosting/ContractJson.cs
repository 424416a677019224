using System.Text.Json;
using System.Text.Json.Serialization;

namespace Saga.Api.Hosting;

/// <summary>How the contract spells JSON: camelCase names and states, numbers as numbers.</summary>
internal static class ContractJson
{
    /// <summary>The deepest request, a selection from others, nests three levels; the rest is slack.</summary>
    private const int MaxDepth = 16;

    public static JsonSerializerOptions Options { get; } = Configured(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configured(JsonSerializerOptions options)
    {
        options.MaxDepth = MaxDepth;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.AllowDuplicateProperties = false;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        return options;
    }
}
