using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Saga.Persistence.Access;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Persistence.Selections;

namespace Saga.Persistence;

/// <summary>Scenes, jobs, selections and API keys, on SQLite or PostgreSQL.</summary>
/// <remarks>
/// One model, one derived context and one set of migrations per database. Names are snake_case and enums are stored as the HTTP
/// contract spells them, so that a person with a SQL prompt sees what the API shows.
/// </remarks>
public abstract class SagaDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>The jobs that count as active in the filtered index; must agree with <see cref="JobStateExtensions.IsActive"/>.</summary>
    private const string ActiveJobs = "state IN ('queued', 'running')";

    private const int KeyIdLength = 16;

    public DbSet<SceneRecord> Scenes => Set<SceneRecord>();

    public DbSet<AssetRecord> Assets => Set<AssetRecord>();

    public DbSet<JobRecord> Jobs => Set<JobRecord>();

    public DbSet<SelectionRecord> Selections => Set<SelectionRecord>();

    public DbSet<SelectionRevisionRecord> SelectionRevisions => Set<SelectionRevisionRecord>();

    public DbSet<ApiKeyRecord> ApiKeys => Set<ApiKeyRecord>();

    /// <summary>The time as the database sees it: heartbeats of several machines are compared by one clock.</summary>
    public abstract Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<SceneState>().HaveConversion<LowerCaseEnum<SceneState>>().HaveMaxLength(16);
        configurationBuilder.Properties<AssetKind>().HaveConversion<LowerCaseEnum<AssetKind>>().HaveMaxLength(16);
        configurationBuilder.Properties<ApiKeyScope>().HaveConversion<LowerCaseEnum<ApiKeyScope>>().HaveMaxLength(16);
        configurationBuilder.Properties<JobState>().HaveConversion<LowerCaseEnum<JobState>>().HaveMaxLength(16);
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SceneRecord>(scene =>
        {
            scene.ToTable("scenes");
            scene.Property(s => s.Version).IsConcurrencyToken();
            scene.HasMany(s => s.Assets).WithOne().HasForeignKey(a => a.SceneId).OnDelete(DeleteBehavior.Cascade);
            scene.HasIndex(s => new { s.CreatedAt, s.Id });
            scene.HasIndex(s => s.OwnerKeyId);
            scene.Property(s => s.OwnerKeyId).HasMaxLength(KeyIdLength);
        });

        modelBuilder.Entity<AssetRecord>(asset =>
        {
            asset.ToTable("assets");
            asset.HasIndex(a => new { a.SceneId, a.Kind }).IsUnique();
            asset.HasIndex(a => a.OwnerKeyId);
            asset.Property(a => a.OwnerKeyId).HasMaxLength(KeyIdLength);
        });

        modelBuilder.Entity<JobRecord>(job =>
        {
            job.ToTable("jobs");
            job.HasOne<SceneRecord>().WithMany().HasForeignKey(j => j.SceneId).OnDelete(DeleteBehavior.Cascade);

            // The database itself refuses a second active job of a scene, whoever asks and however fast.
            job.HasIndex(j => j.SceneId, "ux_jobs_active_scene").IsUnique().HasFilter(ActiveJobs);
            job.HasIndex(j => new { j.SceneId, j.IdempotencyKey }, "ux_jobs_idempotency").IsUnique();
            job.HasIndex(j => new { j.SceneId, j.QueuedAt });
            job.HasIndex(j => new { j.State, j.QueuedAt });
            job.HasIndex(j => new { j.QueuedAt, j.Id });
            job.HasIndex(j => j.OwnerKeyId, "ix_jobs_active_owner").HasFilter(ActiveJobs);
            job.Property(j => j.OwnerKeyId).HasMaxLength(KeyIdLength);
        });

        modelBuilder.Entity<SelectionRecord>(selection =>
        {
            selection.ToTable("selections");
            selection.Property(s => s.Color).HasMaxLength(7);
            selection.HasOne<SceneRecord>().WithMany().HasForeignKey(s => s.SceneId).OnDelete(DeleteBehavior.Cascade);
            selection.HasIndex(s => new { s.SceneId, s.CreatedAt });

            // What older databases hold is at its first version and revision.
            selection.Property(s => s.Version).HasDefaultValue(1);
            selection.Property(s => s.Revision).HasDefaultValue(1);
            selection.Property(s => s.FirstRevision).HasDefaultValue(1);
            selection.Property(s => s.LastRevision).HasDefaultValue(1);
        });

        modelBuilder.Entity<SelectionRevisionRecord>(revision =>
        {
            revision.ToTable("selection_revisions");
            revision.HasKey(r => new { r.SelectionId, r.Number });
            revision.Property(r => r.Number).ValueGeneratedNever();
            revision.Property(r => r.Operation).HasMaxLength(32);
            revision.HasOne<SelectionRecord>().WithMany().HasForeignKey(r => r.SelectionId).OnDelete(DeleteBehavior.Cascade);
        });

        // Nothing refers to it by a foreign key: keys are revoked, never deleted.
        modelBuilder.Entity<ApiKeyRecord>(key =>
        {
            key.ToTable("api_keys");
            key.Property(k => k.Id).HasMaxLength(KeyIdLength);
        });

        NameColumns(modelBuilder);
    }

    /// <summary>Gives every column its snake_case name; ids are made by the program, never by the database.</summary>
    protected static void NameColumns(ModelBuilder modelBuilder)
    {
        foreach (IMutableEntityType entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (IMutableProperty property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
                if (property.IsPrimaryKey() && property.ClrType == typeof(Guid))
                {
                    property.ValueGenerated = ValueGenerated.Never;
                }
            }
        }
    }

    private static string SnakeCase(string name) => string.Concat(name.Select((letter, i) =>
        char.IsUpper(letter) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(letter) : letter.ToString()));

    private sealed class LowerCaseEnum<T>() : ValueConverter<T, string>(
        value => value.ToString().ToLowerInvariant(), text => Enum.Parse<T>(text, true))
        where T : struct, Enum;
}
