using Saga.Cli.Service;

namespace Saga.Cli.Evaluation;

/// <summary>The evaluation as an outside program sees the service: upload, train, click, all over HTTP.</summary>
public static class ServiceEvaluation
{
    /// <summary>Runs the protocol against a service and removes what it uploaded.</summary>
    /// <param name="files">What to upload.</param>
    /// <param name="scene">Its labels.</param>
    /// <param name="training">Options of the training.</param>
    /// <param name="protocol">Settings of the evaluation.</param>
    /// <param name="serviceUrl">A running service; null starts one on a free port with a temporary data directory.</param>
    /// <param name="cancellationToken">Ends the run and the service with it.</param>
    public static async Task<EvaluationReport> RunAsync(
        SceneFolder files, LabeledScene scene, TrainingRequest training, EvaluationProtocol protocol, string? serviceUrl,
        CancellationToken cancellationToken)
    {
        if (serviceUrl is not null)
        {
            return Uri.TryCreate(serviceUrl, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
                ? await RunAsync(files, scene, training, protocol, address, cancellationToken)
                : throw new CommandLine.UsageException($"--service is «{serviceUrl}»; an address like http://127.0.0.1:5080 is accepted.");
        }

        using var data = new TemporaryFolder();
        await using ServiceProcess service = await ServiceProcess.StartAsync(data.Path, ServiceProcess.FreePort(), cancellationToken);
        return await RunAsync(files, scene, training, protocol, service.Address, cancellationToken);
    }

    private static async Task<EvaluationReport> RunAsync(
        SceneFolder files, LabeledScene scene, TrainingRequest training, EvaluationProtocol protocol, Uri address,
        CancellationToken cancellationToken)
    {
        using var client = new ServiceClient(address);
        SceneAnswer uploaded = await client.UploadAsync(files, cancellationToken);
        try
        {
            if (uploaded.GaussianCount != scene.GaussianCount)
            {
                throw new InvalidDataException(
                    $"The service counts {uploaded.GaussianCount} Gaussians, labels.npy has {scene.GaussianCount} rows.");
            }

            double seconds = await Training.RunAsync(client, uploaded.Id, training, Console.Error, cancellationToken);
            SceneAnswer trained = await client.GetSceneAsync(uploaded.Id, cancellationToken);
            ServiceAnswerer answerer = await ServiceAnswerer.CreateAsync(client, uploaded.Id, scene, cancellationToken);
            EvaluationReport report = EvaluationRunner.Run(scene, answerer.Answer, protocol, cancellationToken);
            ushort[] LabelsAt(double scale) => client.DecomposeAsync(uploaded.Id, scale, cancellationToken).GetAwaiter().GetResult();
            report = report with { Decomposition = DecompositionEvaluation.Run(scene, LabelsAt, protocol.Scales, cancellationToken) };
            return report with { Run = EvaluateCommand.Describe("service", training, trained.Model, seconds) };
        }
        finally
        {
            await client.DeleteSceneAsync(uploaded.Id, CancellationToken.None);
        }
    }
}
