using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Saga.Worker.Observability;

/// <summary>How lines of the log look.</summary>
public enum LogFormat
{
    /// <summary>One line for people.</summary>
    Text,

    /// <summary>One JSON object a line, with the ids of the scene and the job that it is about.</summary>
    Json,
}

/// <summary>The log on the console.</summary>
public static class LogSetup
{
    /// <summary>Writes the log to the console alone, in the given format.</summary>
    public static void AddSagaConsole(this ILoggingBuilder logging, LogFormat format)
    {
        logging.ClearProviders();

        // Below a warning it writes whole addresses, and the hub's may hold a key.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        if (format == LogFormat.Json)
        {
            logging.AddJsonConsole(console =>
            {
                console.IncludeScopes = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
            return;
        }

        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
    }
}
