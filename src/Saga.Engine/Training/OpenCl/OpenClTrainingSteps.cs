using Saga.Engine.Compute;
using Saga.Engine.Compute.OpenCl;

namespace Saga.Engine.Training.OpenCl;

/// <summary>Iterations on a compute device, where features, moments and gate stay until they are asked for.</summary>
/// <remarks>
/// The loss adds in a fixed order, each pair met from both its pixels, so no sums are shared; gradients of Gaussians are added by
/// many items at once, in no fixed order. A training is the CPU's up to rounding, and not the same bits twice. Device memory:
/// 12 bytes a channel of a Gaussian, 20 more and 4 for each of its K neighbours, beside some 60 MB of an iteration's own. On the host each
/// checkpoint needs the features and moments a second time.
/// </remarks>
internal sealed partial class OpenClTrainingSteps : ITrainingSteps
{
    private const int Group = 64;

    private readonly ComputeDevice _device;
    private readonly TrainingState _state;
    private readonly AffinityTrainingOptions _options;
    private readonly StageClock _clock;
    private readonly int _channels;
    private readonly OpenClSession _session;
    private readonly OpenClProgram _program;
    private readonly List<OpenClBuffer> _owned = [];
    private readonly OpenClBuffer _features;
    private readonly OpenClBuffer _first;
    private readonly OpenClBuffer _second;
    private readonly OpenClBuffer _visibility;
    private readonly OpenClBuffer _gate;
    private readonly OpenClBuffer _neighbors;
    private readonly OpenClBuffer _blendedStamps;
    private readonly OpenClBuffer _blendedSlots;
    private readonly OpenClBuffer _touchedStamps;
    private readonly OpenClBuffer _touchedSlots;
    private readonly int _gaussians;

    /// <summary>Brings the state to the device.</summary>
    /// <exception cref="ComputeException">It does not fit, or the device failed.</exception>
    public OpenClTrainingSteps(
        ComputeDevice device, TrainingState state, AffinityTrainingOptions options, int[] neighbors, StageClock clock)
    {
        (_state, _options, _clock) = (state, options, clock);
        _channels = options.FeatureDimension;
        _gaussians = state.Visibility.Length;
        _program = device.Context.Training(_channels);
        _device = device;
        _session = device.Context.RentBeside();
        try
        {
            _features = Own<float>(state.Features);
            _first = Own<float>(state.FirstMoments);
            _second = Own<float>(state.SecondMoments);
            _visibility = Own<float>(state.Visibility);
            _gate = Own<float>([.. state.GateWeight, .. state.GateBias, .. state.GateMoments.SelectMany(m => m)]);
            _neighbors = Own<int>(neighbors);
            int[] none = new int[_gaussians];
            _blendedSlots = Own<int>(none);
            _touchedSlots = Own<int>(none);
            Array.Fill(none, -1);
            _blendedStamps = Own<int>(none);
            _touchedStamps = Own<int>(none);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public LossTerms Step(in PixelRowSlice rows, ContrastiveBatch batch, ReadOnlySpan<int> ranks, ulong key, int iteration)
    {
        long start = StageClock.Start();
        Rows given = Upload(rows, ranks);
        OpenClBuffer rendered = Forward(given, iteration);
        start = Stop("rendering features", start);
        Pairs pairs = Gate(batch, rendered);
        if (_options.LossForm == ContrastiveLossForm.Paper)
        {
            RunPublished(batch, pairs, key);
        }
        else
        {
            RunLogistic(batch, pairs);
        }

        OpenClBuffer gradients = FinishLoss(pairs, rendered);
        (float rate, float correction) = LazyAdam.Rates(iteration + 1, _options.LearningRate);
        _session.Run(
            _program, "update_gate", (long)_channels * ScaleGroup, ScaleGroup, pairs.Pixels, pairs.Scales, pairs.Quantiles, pairs.Gates, pairs.GateGradients, rate, correction, _gate);
        start = Stop("contrastive loss", start);
        Backward(given, gradients, rate, correction);
        Span<double> terms = stackalloc double[3];
        _session.Read(pairs.Terms, terms);
        _clock.Stop("feature gradients", start);
        return new LossTerms(terms[0], terms[1], terms[2]);
    }

    public void Sync()
    {
        // All or nothing: a device that is lost half way leaves the state as it was.
        (OpenClBuffer Buffer, float[] Target)[] arrays =
        [
            (_features, _state.Features), (_first, _state.FirstMoments), (_second, _state.SecondMoments), (_visibility, _state.Visibility),
        ];
        float[][] read = [.. arrays.Select(array => Read(array.Buffer, array.Target.Length))];
        float[] gate = Read(_gate, 6 * _channels);
        for (int i = 0; i < arrays.Length; i++)
        {
            read[i].CopyTo(arrays[i].Target, 0);
        }

        int at = 0;
        foreach (float[] part in (float[][])[_state.GateWeight, _state.GateBias, .. _state.GateMoments])
        {
            gate.AsSpan(at, _channels).CopyTo(part);
            at += _channels;
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        foreach (OpenClBuffer buffer in _owned)
        {
            buffer.Dispose();
        }
    }

    private float[] Read(OpenClBuffer buffer, int length)
    {
        float[] values = GC.AllocateUninitializedArray<float>(length);
        _session.Read(buffer, values.AsSpan());
        return values;
    }

    private OpenClBuffer Own<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        OpenClBuffer buffer = _session.Context.Upload(values);
        _owned.Add(buffer);
        return buffer;
    }

    private void Run(string kernel, long items, params ReadOnlySpan<KernelArgument> arguments) =>
        _session.Run(_program, kernel, items, Group, arguments);

    private OpenClBuffer Room(string name, long floats) => Keep(name, sizeof(float) * floats);

    // Scenes that wait for prompts make room for an iteration too.
    private OpenClBuffer Keep(string name, long bytes)
    {
        for (bool mayTrim = true; ;)
        {
            try
            {
                return _session.Keep(name, bytes);
            }
            catch (ComputeMemoryException) when (_device.Residents.TryMakeRoom(_device, ref mayTrim))
            {
                // Once more.
            }
        }
    }

    private OpenClBuffer Keep<T>(string name, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        OpenClBuffer buffer = Keep(name, (long)values.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        _session.Write(buffer, values);
        return buffer;
    }

    // Stages are told apart by the wait for their end; it costs less than a thousandth of them.
    private long Stop(string stage, long start)
    {
        _session.Finish();
        return _clock.Stop(stage, start);
    }
}
