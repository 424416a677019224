using Microsoft.EntityFrameworkCore;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Persistence.Selections;

namespace Saga.Persistence;

/// <summary>Scenes, jobs and selections, on SQLite or PostgreSQL.</summary>
public abstract class SagaDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<SceneRecord> Scenes => Set<SceneRecord>();

    public DbSet<AssetRecord> Assets => Set<AssetRecord>();

    public DbSet<JobRecord> Jobs => Set<JobRecord>();

    public DbSet<SelectionRecord> Selections => Set<SelectionRecord>();
}
