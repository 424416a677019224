using Saga.Api.Access;
using Saga.Api.Decomposition;
using Saga.Api.Hosting;
using Saga.Api.Jobs;
using Saga.Api.Models;
using Saga.Api.Observability;
using Saga.Api.Progress;
using Saga.Api.Rendering;
using Saga.Api.Residency;
using Saga.Api.Scenes;
using Saga.Api.Segmentation;
using Saga.Api.Selections;
using Saga.Api.Text;
using Saga.Api.Uploads;
using Saga.Persistence;
using Saga.Worker;
using Saga.Worker.Compute;
using Saga.Worker.Observability;

namespace Saga.Api;

/// <summary>The service: what it is made of, and what it answers.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => args is [HealthProbe.Command]
        ? HealthProbe.RunAsync(new ConfigurationBuilder().AddEnvironmentVariables("ASPNETCORE_").Build())
        : ServiceProcess.RunAsync(() => Build(args));

    internal static WebApplication Build(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        SagaOptions options = SagaOptions.Read(builder.Configuration);
        builder.UseSagaAddresses();
        builder.UseSagaKestrel(options.Limits);
        builder.Logging.AddSagaConsole(options.LogFormat);
        builder.AddSagaObservability();

        IServiceCollection services = builder.Services;
        services.AddSingleton(options);
        services.AddSagaPersistence(options.Storage);
        services.AddSagaCompute(options.Compute);
        services.AddSagaWorker(options.WorkerOptions, options.Storage);
        services.AddHostedService<DatabaseStartup>();
        services.AddAccess(options.Access);
        services.AddSingleton<WorkQueues>();
        services.AddSingleton<ResidentScenes>();
        services.AddSingleton<TextModel>();
        services.AddSceneFiles();
        services.AddProgress();
        services.AddContractJson();
        services.AddSagaProblems();
        services.AddSagaTimeouts(options.Limits);
        services.AddSagaHealth();
        services.AddSagaSwagger();

        WebApplication app = builder.Build();
        app.UseSecurityHeaders();
        app.UseSagaProblems();
        app.UsePage();
        app.UseTus();
        app.UseRouting();
        app.UseLogScopes();
        app.UseAccess();
        app.UseTusVersion();
        app.UseRequestTimeouts();
        app.UseDatabaseGate();
        app.UseSagaSwagger();
        app.MapSagaHealth();
        app.MapMetrics();
        app.MapProgress();

        RouteGroupBuilder api = app.MapGroup("/api/v1");
        api.MapScenes();
        api.MapAssets();
        api.MapUploads();
        api.MapUploadAttachment();
        api.MapJobs();
        api.MapSegmentation();
        api.MapDecomposition();
        api.MapText();
        api.MapSelections();
        api.MapRendering();
        api.MapModels();
        api.MapResidency();
        return app;
    }
}
