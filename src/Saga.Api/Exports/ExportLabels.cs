using System.Text.Json;
using Saga.Api.Hosting;
using Saga.Engine.Segmentation;
using Saga.Persistence.Selections;

namespace Saga.Api.Exports;

/// <summary>The label of every record: 0, or the number of the last of the selections that holds it, from 1.</summary>
/// <param name="Selections">In the order of their labels.</param>
internal sealed record ExportLabels(IReadOnlyList<(Guid Id, string Name, GaussianSelection Selected)> Selections)
{
    public static ExportLabels Of(params IEnumerable<SelectionRecord> records) =>
        new([.. records.Select(record => (record.Id, record.Name, new GaussianSelection(record.Bits, record.GaussianCount)))]);

    public uint Of(int record)
    {
        for (int i = Selections.Count - 1; i >= 0; i--)
        {
            if (Selections[i].Selected.Contains(record))
            {
                return (uint)i + 1;
            }
        }

        return 0;
    }

    /// <summary>What the labels stand for, as JSON.</summary>
    public byte[] Legend() => JsonSerializer.SerializeToUtf8Bytes(
        new LegendFile([.. Selections.Select((selection, i) => new LegendEntry(i + 1, selection.Id, selection.Name))]),
        ContractJson.Options);

    private sealed record LegendFile(IReadOnlyList<LegendEntry> Labels);

    private sealed record LegendEntry(int Label, Guid Selection, string Name);
}
