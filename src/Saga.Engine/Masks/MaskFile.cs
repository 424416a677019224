using Saga.Engine.Archives;
using Saga.Engine.Images;

namespace Saga.Engine.Masks;

/// <summary>Reads one file of a mask archive in whatever format it has; errors name the file.</summary>
internal static class MaskFile
{
    /// <exception cref="InvalidMaskException">The message begins with the file's name.</exception>
    public static void Read(SafeZipEntry file, MaskCollector masks, CancellationToken cancellationToken)
    {
        try
        {
            MaskFileFormat format = MaskFileNames.FormatOf(file.FileName);
            using Stream stream = format is MaskFileFormat.Npz or MaskFileFormat.Torch ? file.OpenSeekable() : file.Open();
            switch (format)
            {
                case MaskFileFormat.SamJson:
                    SamJsonReader.Read(stream, masks, cancellationToken);
                    break;
                case MaskFileFormat.Npy:
                    ArrayMaskReader.ReadNpy(stream, masks, cancellationToken);
                    break;
                case MaskFileFormat.Npz:
                    ArrayMaskReader.ReadNpz(stream, masks, cancellationToken);
                    break;
                case MaskFileFormat.Torch:
                    ArrayMaskReader.ReadTorch(stream, masks, cancellationToken);
                    break;
                case MaskFileFormat.LabelMap:
                    LabelMapMaskReader.Read(stream, masks);
                    break;
                default:
                    throw new InvalidMaskException("The format is not known.");
            }
        }
        catch (Exception error) when (error is InvalidMaskException or InvalidArchiveException or InvalidImageException)
        {
            throw new InvalidMaskException($"{file.FullName}: {error.Message}", error);
        }
    }
}
