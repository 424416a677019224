using System.Buffers.Binary;
using System.Text;
using Saga.Engine.Archives;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;

namespace Saga.Engine.Affinity.Published;

/// <summary>The original program's cloud of features: a PLY of x y z, nx ny nz, f_0 …, opacity, scale_0..2, rot_0..3.</summary>
internal static class FeatureCloud
{
    /// <summary>A Gaussian may lie this far off, as a share of the scene's size: the scene may be of a format that rounds.</summary>
    private const float MaxOffset = 1e-3f;

    /// <summary>Reads the features of a scene's usable Gaussians.</summary>
    /// <param name="entry">The cloud.</param>
    /// <param name="scene">Its scene.</param>
    /// <param name="dimension">Channels that the gate has.</param>
    /// <param name="name">What messages call the model.</param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    /// <returns>[scene.Count, dimension], engine order.</returns>
    /// <exception cref="InvalidModelException">Of another scene, or with values that no feature has.</exception>
    public static float[] Read(SafeZipEntry entry, GaussianScene scene, int dimension, string name, CancellationToken cancellationToken)
    {
        using FileStream file = Unpack(entry);
        PlyHeader header = PlyHeaderReader.Read(file, entry.FileName);
        GaussianRecordLayout layout = GaussianRecordLayout.FindFeatures(header, entry.FileName);
        using GaussianRecordSource source = GaussianRecordSource.OpenAs(file, header, layout, entry.FileName, cancellationToken);
        if (source.Count != scene.FileGaussianCount || layout.ColorCount != dimension)
        {
            throw new InvalidModelException(
                $"{name}: the cloud has {source.Count} Gaussians of {layout.ColorCount} channels; the scene has {scene.FileGaussianCount}, "
                + $"and the gate {dimension}. They belong to different scenes or trainings.");
        }

        int[] places = new int[source.Count];
        Array.Fill(places, -1);
        for (int i = 0; i < scene.Count; i++)
        {
            places[scene.FileIndices[i]] = i;
        }

        float tolerance = MaxOffset * SceneBounds.Of(scene).RobustExtent + 1e-6f;
        float[] features = new float[checked(scene.Count * dimension)];
        source.ForEach(
            (record, values) =>
            {
                int i = places[record];
                if (i < 0)
                {
                    return;
                }

                for (int axis = 0; axis < 3; axis++)
                {
                    if (!(MathF.Abs(values[axis] - scene.Means[3 * i + axis]) <= tolerance))
                    {
                        throw new InvalidModelException(
                            $"{name}: Gaussian {record} of the cloud lies elsewhere than record {record} of the scene; "
                            + "the model is of another scene.");
                    }
                }

                Span<float> feature = values.Slice(GaussianValues.Color, dimension);
                foreach (float value in feature)
                {
                    if (!(MathF.Abs(value) <= AffinityModelFile.MaxFeatureMagnitude))
                    {
                        throw new InvalidModelException(FormattableString.Invariant(
                            $"{name}: a feature of Gaussian {record} is {value}; ")
                            + FormattableString.Invariant($"features are finite and at most {AffinityModelFile.MaxFeatureMagnitude}."));
                    }
                }

                feature.CopyTo(features.AsSpan(i * dimension));
            },
            cancellationToken);
        return features;
    }

    /// <summary>Writes the features of every record of the scene's file; unusable ones have features of 0.</summary>
    public static void Write(
        Stream stream, AffinityModel model, GaussianScene scene, string gaussiansPath, string fileName, CancellationToken cancellationToken)
    {
        using GaussianSource source = GaussianFile.Open(gaussiansPath, fileName, cancellationToken);
        int[] places = new int[source.Count];
        Array.Fill(places, -1);
        for (int i = 0; i < scene.Count; i++)
        {
            places[scene.FileIndices[i]] = i;
        }

        int dimension = model.Dimension;
        string[] names =
        [
            "x", "y", "z", "nx", "ny", "nz", .. Enumerable.Range(0, dimension).Select(c => $"f_{c}"),
            "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
        ];
        var buffered = new BufferedStream(stream, 1 << 18);
        buffered.Write(Encoding.ASCII.GetBytes(
            $"ply\nformat binary_little_endian 1.0\nelement vertex {source.Count}\n"
            + string.Concat(names.Select(property => $"property float {property}\n")) + "end_header\n"));
        float[] row = new float[names.Length];
        byte[] bytes = new byte[sizeof(float) * names.Length];
        source.ForEachInOrder(
            (record, values) =>
            {
                if (GaussianChecks.Check(values) == GaussianDefect.None)
                {
                    GaussianChecks.Normalize(values);
                }

                values.Slice(GaussianValues.Mean, 3).CopyTo(row);
                Span<float> feature = row.AsSpan(6, dimension);
                feature.Clear();
                if (places[record] >= 0)
                {
                    model.Features.AsSpan(places[record] * dimension, dimension).CopyTo(feature);
                }

                values[GaussianValues.Opacity..GaussianValues.Color].CopyTo(row.AsSpan(6 + dimension));
                for (int i = 0; i < row.Length; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float) * i), row[i]);
                }

                buffered.Write(bytes);
            },
            cancellationToken);
        buffered.Flush();
    }

    // The reader reads blocks from several threads, which an entry of a zip does not allow.
    private static FileStream Unpack(SafeZipEntry entry)
    {
        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
            FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        try
        {
            using Stream stream = entry.Open();
            stream.CopyTo(file, 1 << 20);
            file.Position = 0;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
