using System.Runtime.InteropServices;
using BenchmarkDotNet.Running;
using Saga.Benchmarks;
using Saga.Benchmarks.Compute;
using Saga.Benchmarks.Fleet;
using Saga.Benchmarks.Furniture;
using Saga.Benchmarks.OpenVocabulary;
using Saga.Benchmarks.Quality;
using Saga.Benchmarks.Scenes;
using Saga.Benchmarks.Service;
using Saga.Benchmarks.Sharding;
using Saga.Benchmarks.Training;
using Saga.Cli.CommandLine;
using Saga.Cli.Service;
using Saga.Engine.Compute;

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

// What a command started is stopped and its folders are removed; BenchmarkDotNet ends at once, as it started nothing.
bool isCommand = args.FirstOrDefault()
    is "http" or "training" or "scene" or "furniture" or "quality" or "vocabulary" or "soak" or "fleet" or "frames" or "--device";
using PosixSignalRegistration? interrupt = isCommand ? PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop) : null;
using PosixSignalRegistration? terminate = isCommand ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop) : null;

try
{
    string[] rest = args.Length > 0 ? args[1..] : [];
    switch (args.FirstOrDefault())
    {
        case null or "help":
            Console.WriteLine(BenchmarkStages.Usage);
            return 0;
        case "machine":
            Console.WriteLine(MachineDescription.ToMarkdown());
            return 0;
        case "http":
            await HttpLoad.RunAsync(rest, stop.Token);
            return 0;
        case "training":
            TrainingThroughput.Run(rest, stop.Token);
            return 0;
        case "scene":
            ScaledSceneFolder.Run(rest);
            return 0;
        case "furniture":
            FurnitureScene.Run(rest, stop.Token);
            return 0;
        case "quality":
            QualityOverTime.Run(rest, stop.Token);
            return 0;
        case "vocabulary":
            VocabularyGrouping.Run(rest, stop.Token);
            return 0;
        case "--device":
            DeviceTable.Run(rest, stop.Token);
            return 0;
        case "soak":
            return await Soak.RunAsync(rest, stop.Token);
        case "fleet":
            FleetCommand.Run(rest, stop.Token);
            return 0;
        case "frames":
            FrameAgreement.Run(rest, stop.Token);
            return 0;
        case "all-short":
            BenchmarkStages.Run([.. BenchmarkStages.All, "--gaussians", "100000", .. rest]);
            TrainingThroughput.Run(["--gaussians", "100000", "--iterations", "100"], stop.Token);
            VocabularyGrouping.Run(["--gaussians", "100000", "--masks", "1000"], stop.Token);
            DeviceTable.Run(["--gaussians", "20000", "--rounds", "3"], stop.Token);
            FleetCommand.Run(["--small", "20000", "--large", "100000"], stop.Token);
            FrameAgreement.Run(["--iterations", "6"], stop.Token);
            await HttpLoad.RunAsync(["--gaussians", "100000", "--requests", "200"], stop.Token);
            return await Soak.RunAsync(
                ["--scenes", "40", "--resident", "8", "--clients", "8", "--seconds", "10", "--watchers", "50", "--gaussians", "5000"], stop.Token);
        case { } stage when BenchmarkStages.IsStage(stage):
            BenchmarkStages.Run(args);
            return 0;
        case { } option when option.StartsWith('-'):
            BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, BenchmarkStages.Configuration());
            return 0;
        case { } other:
            throw new UsageException($"There is no benchmark «{other}».");
    }
}
catch (UsageException error)
{
    Console.Error.WriteLine(error.Message);
    Console.Error.WriteLine();
    Console.Error.WriteLine(BenchmarkStages.Usage);
    return 2;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("Stopped.");
    return 130;
}
catch (Exception error) when (error is ServiceException or IOException or HttpRequestException or InvalidDataException or ComputeException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
