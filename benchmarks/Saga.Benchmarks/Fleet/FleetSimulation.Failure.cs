namespace Saga.Benchmarks.Fleet;

/// <content>A machine that dies and comes back.</content>
internal sealed partial class FleetSimulation
{
    private void PlanFailure()
    {
        if (double.IsFinite(_options.FailAt))
        {
            _loop.At(_options.FailAt, _nodes[0].Fail);
            _loop.At(_options.FailAt + _options.FailSeconds, Return);
        }
    }

    private void Return()
    {
        FleetNode node = _nodes[0];
        int[] own = _options.ReturnsWarm
            ? [.. Enumerable.Range(0, _options.Popularity.Shares.Length).Where(scene => _ring.NodeOf(scene, _ => true) == 0)
                .Take((int)Math.Min(int.MaxValue, _options.MemoryBytes / Math.Max(1, _options.SceneBytes)))]
            : [];
        double fetch = own.Length * Math.Max(_options.LoadBytes / _options.LinkBytesPerSecond, _options.LoadSeconds / _options.Cores);
        _loop.In(fetch, () =>
        {
            // The most popular ones are the most recently used.
            foreach (int scene in own.Reverse())
            {
                node.Memory.Add(KeyOf(scene, 0), _options.SceneBytes);
            }

            node.Return();
        });
    }
}
