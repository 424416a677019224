using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Saga.Api.Hosting;

/// <summary>What an exception of the database means for a request.</summary>
internal static class DatabaseErrors
{
    /// <summary>True when the database cannot be reached or cannot work now; false for mistakes in what we asked of it.</summary>
    public static bool IsDown(Exception exception) => exception switch
    {
        PostgresException refused => refused.IsTransient || refused.SqlState.StartsWith("57P", StringComparison.Ordinal),
        NpgsqlException => true,

        // busy, locked, read-only, input/output, full, cannot open, not a database
        SqliteException sqlite => sqlite.SqliteErrorCode is 5 or 6 or 8 or 10 or 13 or 14 or 26,
        DbUpdateConcurrencyException => false,
        DbUpdateException { InnerException: DbException inner } => IsDown(inner),
        InvalidOperationException { InnerException: DbException inner } => IsDown(inner),
        TimeoutException => true,
        _ => false,
    };

    /// <summary>
    /// True when somebody else was faster: the row is gone or changed, or a unique index or foreign key refuses what was right
    /// when this request read it.
    /// </summary>
    public static bool IsConflict(DbUpdateException exception) => exception is DbUpdateConcurrencyException
        || exception.InnerException switch
        {
            SqliteException sqlite => sqlite.SqliteErrorCode == 19,
            PostgresException refused => refused.SqlState.StartsWith("23", StringComparison.Ordinal),
            _ => false,
        };
}
