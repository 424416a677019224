using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Saga.Tests;

/// <summary>Reads the golden .npy files: little-endian, C order, any of the numeric types that the scripts write.</summary>
internal sealed partial class Npy
{
    private Npy(double[] values, int[] shape)
    {
        Values = values;
        Shape = shape;
    }

    public double[] Values { get; }

    public int[] Shape { get; }

    public float[] Floats => [.. Values.Select(v => (float)v)];

    public static Npy Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int headerLength = file[6] == 1 ? BitConverter.ToUInt16(file, 8) : BitConverter.ToInt32(file, 8);
        int start = file[6] == 1 ? 10 : 12;
        string header = Encoding.ASCII.GetString(file, start, headerLength);
        string type = TypePattern().Match(header).Groups[1].Value;
        int[] shape = [.. ShapePattern().Match(header).Groups[1].Value
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(s => int.Parse(s, CultureInfo.InvariantCulture))];
        ReadOnlySpan<byte> body = file.AsSpan(start + headerLength);
        double[] values = type switch
        {
            "f8" => MemoryMarshal.Cast<byte, double>(body).ToArray(),
            "f4" => [.. MemoryMarshal.Cast<byte, float>(body).ToArray().Select(v => (double)v)],
            "i8" => [.. MemoryMarshal.Cast<byte, long>(body).ToArray().Select(v => (double)v)],
            "u2" => [.. MemoryMarshal.Cast<byte, ushort>(body).ToArray().Select(v => (double)v)],
            "u1" or "b1" => [.. body.ToArray().Select(v => (double)v)],
            _ => throw new InvalidDataException($"{path} holds {type}."),
        };
        return new Npy(values, shape);
    }

    [GeneratedRegex("'descr': '[<|]([a-z][0-9])'")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"'shape': \(([^)]*)\)")]
    private static partial Regex ShapePattern();
}
