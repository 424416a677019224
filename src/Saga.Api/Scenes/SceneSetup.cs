using Saga.Api.Exports;
using Saga.Api.Uploads;

namespace Saga.Api.Scenes;

internal static class SceneSetup
{
    public static void AddSceneFiles(this IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<SceneCatalog>();
        services.AddHostedService<SceneChanges>();
        services.AddSingleton<ViewCatalog>();
        services.AddSingleton<AssetChecks>();
        services.AddSingleton<AssetUploads>();
        services.AddSingleton<DiskBudget>();
        services.AddSingleton<UploadAppending>();
        services.AddSingleton<GaussianExport>();
        services.AddSingleton(SampleScene.BesideProgram);
    }
}
