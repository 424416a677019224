using Saga.Cli.Service;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Saga.Cli.Tests.Cluster;

/// <summary>A node of a deployed YAML file; what is not there is an empty node.</summary>
internal sealed class Yaml(object? value)
{
    private static readonly IDeserializer Deserializer = new DeserializerBuilder().Build();

    public string? Text => value as string;

    public IEnumerable<string> Keys => (value as Dictionary<object, object>)?.Keys.Cast<string>() ?? [];

    public IEnumerable<Yaml> Items => (value as List<object>)?.Select(item => new Yaml(item)) ?? [];

    public Yaml this[string key] => new((value as Dictionary<object, object>)?.GetValueOrDefault(key));

    /// <summary>The node at the end of a path.</summary>
    public Yaml At(params string[] path) => path.Aggregate(this, (node, key) => node[key]);

    /// <summary>All documents of a file of the repository, aliases and merges resolved.</summary>
    public static List<Yaml> Load(params string[] path)
    {
        using StreamReader reader = File.OpenText(Repository.PathOf(path));
        var parser = new MergingParser(new Parser(reader));
        var documents = new List<Yaml>();
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
        {
            documents.Add(new Yaml(Deserializer.Deserialize<object>(parser)));
        }

        return documents;
    }
}
