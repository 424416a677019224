using Saga.Engine.Numerics;

namespace Saga.Benchmarks.Fleet;

/// <summary>
/// A discrete-event simulation of machines that answer prompts: queues at cores and lines, consistent hashing, memory by bytes, loads
/// that all who wait share, shards, and a machine that dies.
/// </summary>
/// <remarks>
/// It knows no wall clock and one seed. What it leaves out: nginx, the database, the garbage collector, and cores that share the
/// bandwidth of memory.
/// </remarks>
internal sealed partial class FleetSimulation
{
    private const int ArrivalPurpose = 131;
    private const int WorkPurpose = 132;

    private readonly FleetOptions _options;
    private readonly EventLoop _loop = new();
    private readonly FleetNode[] _nodes;
    private readonly HashRing _ring;
    private readonly List<AnsweredPrompt> _answers = [];
    private CounterRandom _arrivals;
    private CounterRandom _work;
    private int _asked;
    private int _answered;
    private double _firstCounted;
    private double _lastCounted;

    private FleetSimulation(FleetOptions options)
    {
        _options = options;
        _nodes = [.. Enumerable.Range(0, options.Nodes).Select(_ => new FleetNode(_loop, options))];
        _ring = new HashRing(options.Nodes);
        _arrivals = new CounterRandom(options.Seed, ArrivalPurpose, 0);
        _work = new CounterRandom(options.Seed, WorkPurpose, 0);
    }

    /// <summary>Simulates until all prompts are answered.</summary>
    public static FleetResult Run(FleetOptions options)
    {
        var simulation = new FleetSimulation(options);
        simulation.WarmUp();
        if (options.Clients > 0)
        {
            for (int client = 0; client < options.Clients; client++)
            {
                simulation.AskNext();
            }
        }
        else
        {
            simulation.Arrive();
        }

        simulation.PlanFailure();
        simulation._loop.Run();
        return simulation.Result();
    }

    private int LastPrompt => _options.UncountedPrompts + _options.Prompts;

    // A shard is warm where it would be asked for, and on its other machines.
    private void WarmUp()
    {
        for (int touch = 0; touch < _options.WarmUpTouches; touch++)
        {
            int scene = _options.Popularity.SceneOf(_arrivals.NextDouble());
            for (int shard = 0; shard < _options.Shards; shard++)
            {
                for (int copy = 0; copy < _options.Copies; copy++)
                {
                    ByteLru memory = _nodes[_options.Shards == 1 ? NodeOf(scene) : PlaceOf(scene, shard, copy)].Memory;
                    if (!memory.Touch(KeyOf(scene, shard)))
                    {
                        memory.Add(KeyOf(scene, shard), _options.SceneBytes / _options.Shards);
                    }
                }
            }
        }
    }

    private void Arrive() => _loop.In(-Math.Log(1 - _arrivals.NextDouble()) / _options.PromptsPerSecond, () =>
    {
        AskNext();
        if (_asked < LastPrompt)
        {
            Arrive();
        }
    });

    private void AskNext()
    {
        if (_asked++ == _options.UncountedPrompts)
        {
            _firstCounted = _loop.Now;
        }

        var prompt = new Prompt(_options.Popularity.SceneOf(_arrivals.NextDouble()), _loop.Now);
        if (_options.Shards == 1)
        {
            Ask(prompt);
        }
        else
        {
            AskShards(prompt);
        }
    }

    // As nginx does: a machine that is dead, or dies meanwhile, costs one way and the next one of the ring is asked.
    private void Ask(Prompt prompt)
    {
        FleetNode node = _nodes[NodeOf(prompt.Scene)];
        _loop.In(_options.HopSeconds, () =>
        {
            if (!node.IsUp)
            {
                Ask(prompt);
                return;
            }

            long visit = node.Enter(() => Ask(prompt));
            prompt.Hit &= node.WhenResident(KeyOf(prompt.Scene, 0), () => node.Compute(Draw(_options.PromptSeconds), () =>
                node.Send(_options.MaskBytes, () =>
                {
                    node.Leave(visit);
                    _loop.In(_options.HopSeconds, () => Answer(prompt));
                })));
        });
    }

    private void Answer(Prompt prompt)
    {
        if (_answered++ >= _options.UncountedPrompts)
        {
            _lastCounted = _loop.Now;
            _answers.Add(new AnsweredPrompt(prompt.AskedAt, _loop.Now - prompt.AskedAt, prompt.Hit));
        }

        if (_options.Clients > 0 && _asked < LastPrompt)
        {
            AskNext();
        }
    }

    private double Draw(double mean)
    {
        switch (_options.Shape)
        {
            case WorkShape.Exponential:
                return -mean * Math.Log(1 - _work.NextDouble());
            case WorkShape.LogNormal:
                double variance = Math.Log(1 + _options.Variation * _options.Variation);
                return mean * Math.Exp(_work.NextNormal() * Math.Sqrt(variance) - variance / 2);
            default:
                return mean;
        }
    }

    private int NodeOf(int scene) => _ring.NodeOf(scene, node => _nodes[node].IsUp);

    private long KeyOf(int scene, int shard) => (long)scene * _options.Shards + shard;

    private FleetResult Result() => new(
        _answers, _lastCounted - _firstCounted, _nodes.Sum(node => node.CoreSeconds) / (_loop.Now * _options.Nodes * _options.Cores),
        _nodes.Sum(node => node.Loads), _loop.Now, _nodes.Sum(node => node.Memory.PeakBytes));

    private sealed class Prompt(int scene, double askedAt)
    {
        public int Scene { get; } = scene;

        public double AskedAt { get; } = askedAt;

        public bool Hit { get; set; } = true;

        // Goes up when the prompt begins again; what was under way for it before is stale.
        public int Attempt { get; set; }
    }
}
