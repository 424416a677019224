using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Saga.Persistence.Jobs;

namespace Saga.Persistence;

/// <summary>The model on PostgreSQL: several API and worker processes share it.</summary>
public sealed class PostgresSagaDbContext(DbContextOptions<PostgresSagaDbContext> options) : SagaDbContext(options)
{
    /// <summary>What changed and when; only needed where several processes must hear of each other's changes.</summary>
    internal DbSet<JobEventRecord> JobEvents => Set<JobEventRecord>();

    public override Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken) =>
        Database.SqlQuery<DateTimeOffset>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancellationToken);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);

        // timestamptz takes nothing but UTC.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<Utc>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<JobEventRecord>(e =>
        {
            e.ToTable("job_events");
            e.Property(r => r.At).HasDefaultValueSql("clock_timestamp()");
            e.HasIndex(r => r.At);
        });
        base.OnModelCreating(modelBuilder);
    }

    private sealed class Utc() : ValueConverter<DateTimeOffset, DateTimeOffset>(
        time => time.ToUniversalTime(), time => time.ToUniversalTime());

    /// <summary>Lets the migrations tool build the context; it never connects.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<PostgresSagaDbContext>
    {
        public PostgresSagaDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresSagaDbContext>().UseNpgsql("Host=localhost").Options);
    }
}
