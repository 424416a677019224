using System.Runtime.InteropServices;
using Saga.Cli.Backups;
using Saga.Cli.Cluster;
using Saga.Cli.CommandLine;
using Saga.Cli.Demo;
using Saga.Cli.Evaluation;
using Saga.Cli.Evaluation.Protocols;
using Saga.Cli.Keys;
using Saga.Cli.Models;
using Saga.Cli.Service;
using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Training;

// Ctrl+C, kill and a closed terminal all end the command in an orderly way: what it started is stopped, what it made is removed.
using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using PosixSignalRegistration hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

try
{
    string[] rest = args.Length > 0 ? args[1..] : [];
    return args.FirstOrDefault() switch
    {
        "demo" => await DemoCommand.RunAsync(rest, stop.Token),
        "evaluate" => await EvaluateCommand.RunAsync(rest, stop.Token),
        "cluster" => await ClusterCommand.RunAsync(rest, stop.Token),
        "models" => ModelsCommand.Run(rest, Console.Out, stop.Token),
        "backup" => await BackupCommand.RunAsync(rest, Console.Out, stop.Token),
        "keys" => await KeysCommand.RunAsync(rest, Console.Out, stop.Token),
        null or "help" or "--help" or "-h" => Help(),
        { } other => throw new UsageException($"There is no command «{other}»."),
    };
}
catch (UsageException error)
{
    Console.Error.WriteLine(error.Message);
    Console.Error.WriteLine();
    Console.Error.WriteLine(DemoCommand.Usage);
    Console.Error.WriteLine(EvaluateCommand.Usage);
    Console.Error.WriteLine(ProtocolCommand.Usage);
    Console.Error.WriteLine(ModelsCommand.Usage);
    Console.Error.WriteLine(KeysCommand.Usage);
    Console.Error.WriteLine(BackupCommand.Usage);
    Console.Error.WriteLine(ClusterCommand.Usage);
    return 2;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("Stopped.");
    return 130;
}
catch (Exception error) when (error is ServiceException or IOException or UnauthorizedAccessException or HttpRequestException
    or InvalidDataException or PromptRefusedException or InvalidSceneException or InvalidCameraException or InvalidMaskException
    or InvalidImageException or InvalidArchiveException or TrainingDivergedException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

static int Help()
{
    Console.WriteLine(DemoCommand.Usage);
    Console.WriteLine(EvaluateCommand.Usage);
    Console.WriteLine(ProtocolCommand.Usage);
    Console.WriteLine(ModelsCommand.Usage);
    Console.WriteLine(KeysCommand.Usage);
    Console.WriteLine(BackupCommand.Usage);
    Console.WriteLine(ClusterCommand.Usage);
    return 0;
}
