using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Saga.Persistence;

/// <summary>The model on SQLite: one machine, nothing to install.</summary>
public sealed class SqliteSagaDbContext(DbContextOptions<SqliteSagaDbContext> options) : SagaDbContext(options)
{
    public override Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken) =>
        Task.FromResult(DateTimeOffset.UtcNow);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);

        // SQLite has no time type, and the provider refuses to order or compare a DateTimeOffset kept as text.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();
    }

    private sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(
        time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

    /// <summary>Lets the migrations tool build the context; it never opens this database.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqliteSagaDbContext>
    {
        public SqliteSagaDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteSagaDbContext>().UseSqlite("Data Source=design.db").Options);
    }
}
