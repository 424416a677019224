using System.Globalization;

namespace Saga.Engine.Archives.Torch;

/// <summary>Names the tensors of an unpickled value by their path.</summary>
internal static class TorchNames
{
    private const int MaxDepth = 32;

    // A pickle may refer to one list many times over; what is visited, not what is stored, is what costs.
    private const int MaxVisited = 1 << 17;

    /// <exception cref="InvalidArchiveException">No tensor, a name twice, or too deeply nested.</exception>
    public static IReadOnlyDictionary<string, TorchTensor> Collect(object? root)
    {
        var tensors = new Dictionary<string, TorchTensor>(StringComparer.Ordinal);
        int visited = 0;
        Visit(root, "", 0);
        return tensors.Count > 0 ? tensors : throw new InvalidArchiveException("The torch file holds no tensor.");

        void Visit(object? value, string path, int depth)
        {
            if (depth > MaxDepth || ++visited > MaxVisited)
            {
                throw new InvalidArchiveException("The torch file's value is nested too deeply or too large to be tensors by name.");
            }

            switch (value)
            {
                case TorchTensor tensor:
                    if (!tensors.TryAdd(path, tensor))
                    {
                        throw new InvalidArchiveException($"The torch file holds two tensors called '{path}'.");
                    }

                    break;
                case PickleDictionary dictionary:
                    foreach ((object? key, object? item) in dictionary.Items)
                    {
                        Visit(item, Join(path, Convert.ToString(key, CultureInfo.InvariantCulture) ?? ""), depth + 1);
                    }

                    break;
                case List<object?> list:
                    VisitAll(list, path, depth);
                    break;
                case object?[] tuple:
                    VisitAll(tuple, path, depth);
                    break;
                default:
                    // Numbers and texts beside the tensors are of no use here.
                    break;
            }
        }

        void VisitAll(IReadOnlyList<object?> items, string path, int depth)
        {
            for (int i = 0; i < items.Count; i++)
            {
                Visit(items[i], Join(path, i.ToString(CultureInfo.InvariantCulture)), depth + 1);
            }
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
