using System.Security.Cryptography;
using System.Text;

namespace Saga.Engine.Onnx;

/// <summary>One file of an installed model.</summary>
/// <param name="Name">File name without folder.</param>
/// <param name="Bytes">Size.</param>
public readonly record struct ModelFile(string Name, long Bytes);

/// <summary>
/// The folder of one model that whoever runs the service has installed: <c>{models directory}/{name}</c>, with the ONNX files and,
/// for large models, the data files that they refer to.
/// </summary>
/// <remarks>Nothing is ever downloaded into it. Reading it needs no lock: files are replaced while no service uses them.</remarks>
public sealed class ModelFolder
{
    /// <summary>The models directory inside the data directory, unless the configuration names another.</summary>
    public const string DefaultDirectory = "models";

    /// <summary>An exporter may write one data file per tensor, some hundred; more is no model folder.</summary>
    private const int MaxFiles = 4096;

    /// <summary>Names a model's folder, which need not exist.</summary>
    /// <param name="modelsDirectory">The folder of all models.</param>
    /// <param name="name">The model's folder in it, e.g. <c>sam</c>.</param>
    public ModelFolder(string modelsDirectory, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelsDirectory);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        FullPath = Path.Combine(Path.GetFullPath(modelsDirectory), name);
    }

    /// <summary>The model's name, e.g. <c>sam</c>.</summary>
    public string Name { get; }

    /// <summary>Where the folder is, absolute.</summary>
    public string FullPath { get; }

    /// <summary>True when the file is there.</summary>
    public bool Has(string fileName) => File.Exists(Path.Combine(FullPath, fileName));

    /// <summary>The path of a file of the model.</summary>
    /// <param name="fileName">Name without folder.</param>
    /// <exception cref="MissingModelException">The file is not there.</exception>
    public string PathOf(string fileName) => Has(fileName)
        ? Path.Combine(FullPath, fileName)
        : throw new MissingModelException(
            $"The model «{Name}» is not installed: {fileName} is not in {FullPath}. `./run models` says where to get it and how to export it.");

    /// <summary>The model's files, by name, ordinal; empty where there is no folder. Hidden files and folders do not count.</summary>
    /// <exception cref="InvalidOnnxModelException">The folder cannot be read, or holds far too many files.</exception>
    public IReadOnlyList<ModelFile> Files => Guard(() =>
    {
        var folder = new DirectoryInfo(FullPath);
        if (!folder.Exists)
        {
            return (IReadOnlyList<ModelFile>)[];
        }

        ModelFile[] files = [.. folder.EnumerateFiles().Where(f => !f.Name.StartsWith('.')).Take(MaxFiles + 1).Select(Sized)];
        Array.Sort(files, (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return files.Length <= MaxFiles
            ? files
            : throw new InvalidOnnxModelException(
                $"{FullPath} holds more than {MaxFiles} files; put nothing into it but the files of the model «{Name}».");
    });

    /// <summary>SHA-256 over names, sizes and contents of <see cref="Files"/>. Reads them all: some seconds for gigabytes.</summary>
    /// <param name="cancellationToken">Checked between blocks.</param>
    /// <returns>Lower-case hex.</returns>
    /// <exception cref="InvalidOnnxModelException">A file cannot be read.</exception>
    public string ComputeHash(CancellationToken cancellationToken)
    {
        IReadOnlyList<ModelFile> files = Files;
        return Guard(() =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] block = new byte[1 << 20];
            foreach (ModelFile file in files)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{file.Name}\n{file.Bytes}\n")));
                using FileStream stream = File.OpenRead(Path.Combine(FullPath, file.Name));
                for (int read; (read = stream.Read(block)) > 0;)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    hash.AppendData(block, 0, read);
                }
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        });
    }

    /// <summary>The size of what a link leads to, as that is what is read.</summary>
    private static ModelFile Sized(FileInfo file) => new(
        file.Name, file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target.Length : file.Length);

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOnnxModelException(
                $"The files of the model «{Name}» in {FullPath} cannot be read; the service's user needs read access to all of them.",
                exception);
        }
    }
}
