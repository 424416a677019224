using System.Text.Json;
using Saga.Api.Hosting;
using Saga.Api.Selections;
using Saga.Engine.Segmentation;

namespace Saga.Api.Tests.Selections;

public sealed class SelectionIndicesTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(7, 0.5)]
    [InlineData(64, 1)]
    [InlineData(65, 0.5)]
    [InlineData(300, 0)]
    [InlineData(5_000, 0.01)]
    [InlineData(1_000_003, 0.1)]
    public void Indices_are_written_as_the_array_of_numbers_that_they_are(int count, double share)
    {
        Random random = new(count);
        byte[] bits = new byte[(count + 7) / 8];
        for (int i = 0; i < count; i++)
        {
            bits[i / 8] |= (byte)((random.NextDouble() < share ? 1 : 0) << (i % 8));
        }

        var selection = new GaussianSelection(bits, count);
        string expected = JsonSerializer.Serialize(new { before = 1, indices = selection.ToIndices(), after = 2 }, ContractJson.Options);
        Assert.Equal(
            expected,
            JsonSerializer.Serialize(new { before = 1, indices = new SelectionIndices(selection), after = 2 }, ContractJson.Options));
    }
}
