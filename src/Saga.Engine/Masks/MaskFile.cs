using Saga.Engine.Archives;

namespace Saga.Engine.Masks;

/// <summary>Reads one file of a mask archive in whatever format it has; errors name the file.</summary>
internal static class MaskFile
{
    /// <exception cref="InvalidMaskException">The message begins with the file's name.</exception>
    public static void Read(SafeZipEntry file, MaskCollector masks, CancellationToken cancellationToken)
    {
        try
        {
            using Stream stream = file.Open();
            switch (MaskFileNames.FormatOf(file.FileName))
            {
                case MaskFileFormat.SamJson:
                    SamJsonReader.Read(stream, masks, cancellationToken);
                    break;
                default:
                    throw new InvalidMaskException("The format is not known.");
            }
        }
        catch (InvalidMaskException error)
        {
            throw new InvalidMaskException($"{file.FullName}: {error.Message}", error);
        }
    }
}
