namespace Saga.Benchmarks.Fleet;

/// <content>Prompts over a scene in shards: two rounds that each wait for the slowest shard.</content>
internal sealed partial class FleetSimulation
{
    private long _nextCoordinator;

    // (1) The coordinator asks every shard for its part of the ray and merges the answers; (2) asks every shard for its mask and sends
    // them on. A shard whose machine dies is asked for elsewhere; where the coordinator dies, the prompt begins again.
    private void AskShards(Prompt prompt)
    {
        int attempt = ++prompt.Attempt;

        // Whoever is asked coordinates: one machine's line would not carry the masks of all.
        FleetNode coordinator = _nodes[_ring.NodeOf(_nextCoordinator++, node => _nodes[node].IsUp)];
        _loop.In(_options.HopSeconds, () =>
        {
            if (!coordinator.IsUp)
            {
                AskShards(prompt);
                return;
            }

            long visit = coordinator.Enter(() => AskShards(prompt));
            void WhenCurrent(Action action)
            {
                if (prompt.Attempt == attempt)
                {
                    action();
                }
            }

            Round(prompt, _options.RaySeconds, _options.RayBytes, () => WhenCurrent(() => coordinator.Compute(_options.MergeSeconds, () =>
                Round(prompt, _options.PromptSeconds / _options.Shards, _options.MaskBytes / _options.Shards, () => WhenCurrent(() =>
                    coordinator.Send(_options.MaskBytes, () =>
                    {
                        coordinator.Leave(visit);
                        _loop.In(_options.HopSeconds, () => Answer(prompt));
                    }))))));
        });
    }

    private void Round(Prompt prompt, double seconds, double bytes, Action done)
    {
        int missing = _options.Shards;
        for (int shard = 0; shard < _options.Shards; shard++)
        {
            AskShard(prompt, shard, seconds, bytes, () =>
            {
                if (--missing == 0)
                {
                    done();
                }
            });
        }
    }

    private void AskShard(Prompt prompt, int shard, double seconds, double bytes, Action done)
    {
        FleetNode node = _nodes[UpPlaceOf(prompt.Scene, shard)];
        _loop.In(_options.HopSeconds, () =>
        {
            if (!node.IsUp)
            {
                AskShard(prompt, shard, seconds, bytes, done);
                return;
            }

            long visit = node.Enter(() => AskShard(prompt, shard, seconds, bytes, done));
            prompt.Hit &= node.WhenResident(KeyOf(prompt.Scene, shard), () => node.Compute(Draw(seconds), () => node.Send(bytes, () =>
            {
                node.Leave(visit);
                _loop.In(_options.HopSeconds, done);
            })));
        });
    }

    // Shards of a scene are dealt out in turn: hashed ones would leave one machine with twice as many as another.
    private int PlaceOf(int scene, int shard, int copy) =>
        (int)((scene + (long)shard + copy * Math.Max(1, _options.Nodes / _options.Copies)) % _options.Nodes);

    // A machine that lacks its shard fetches it, and is asked again once it has it; meanwhile another that has it answers, if there is one.
    private int UpPlaceOf(int scene, int shard)
    {
        long key = KeyOf(scene, shard);
        int[] places = [.. Enumerable.Range(0, _options.Copies).Select(copy => PlaceOf(scene, shard, copy))];
        int[] up = [.. places.Where(place => _nodes[place].IsUp)];
        foreach (int place in up)
        {
            if (_nodes[place].Memory.Contains(key))
            {
                return place;
            }

            _nodes[place].WhenResident(key, () => { });
        }

        if (_options.Nodes == _options.Copies)
        {
            return up[0];
        }

        int elsewhere = _ring.NodeOf(key, node => _nodes[node].IsUp && !places.Contains(node));
        return up.Length == 0 || _nodes[elsewhere].Memory.Contains(key) ? elsewhere : up[0];
    }
}
