using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Saga.Engine.Onnx;
using Saga.Persistence;
using Saga.Persistence.Files.S3;
using Saga.Worker;
using Saga.Worker.Compute;
using Saga.Worker.Observability;

// The worker as a process of its own: takes jobs from the database that the API nodes write to.
HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
IConfigurationSection saga = builder.Configuration.GetSection("Saga");
var storage = new SagaStorageOptions
{
    DataDirectory = saga["DataDirectory"] ?? Path.Combine(AppContext.BaseDirectory, "data"),
    Database = saga["Database"],
    S3 = S3StorageOptions.Read(name => builder.Configuration[$"{S3StorageOptions.Section}:{name}"]),
};
SagaWorkerOptions options = (saga.GetSection("Worker").Get<SagaWorkerOptions>() ?? new SagaWorkerOptions()) with
{
    ModelsDirectory = saga["Models:Directory"] ?? Path.Combine(storage.DataDirectory, ModelFolder.DefaultDirectory),
};

ComputeOptions compute = saga.GetSection("Compute").Get<ComputeOptions>() ?? new ComputeOptions();
if (compute.Problem is { } problem)
{
    await Console.Error.WriteLineAsync(problem);
    return 1;
}

builder.Logging.AddSagaConsole(saga.GetValue("LogFormat", LogFormat.Text));
builder.Services.AddSagaTelemetry(builder.Configuration, "saga-worker");
builder.Services.AddSagaPersistence(storage);
builder.Services.AddSagaCompute(compute);
builder.Services.AddSagaWorker(options, storage);
builder.Services.AddHostedService<DatabaseStartup>();
await builder.Build().RunAsync();
return 0;
