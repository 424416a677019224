using System.Globalization;

namespace Saga.Cli.Models;

/// <summary>Sizes of model files for people.</summary>
internal static class ModelSize
{
    /// <summary>In KiB, MiB or GiB.</summary>
    public static string Of(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.00} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB"),
    };
}
