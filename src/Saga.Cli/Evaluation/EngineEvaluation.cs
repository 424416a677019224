using Saga.Cli.Service;
namespace Saga.Cli.Evaluation;
public static class EngineEvaluation
{
    public static EvaluationReport Run(SceneFolder files, LabeledScene scene, TrainingRequest training, EvaluationProtocol protocol, CancellationToken cancellationToken) => throw new NotSupportedException();
}
