using System.Text;

namespace Saga.Tests.Masks;

/// <summary>Writes .npy files for the tests.</summary>
internal static class NpyBytes
{
    public static byte[] Of(string type, bool fortran, string shape, byte[] data, byte version = 1) =>
        WithHeader($"{{'descr': '{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}", data, version);

    public static byte[] WithHeader(string header, byte[] data, byte version = 1)
    {
        string padded = header.PadRight(117) + "\n";
        byte[] length = version == 1
            ? BitConverter.GetBytes((ushort)padded.Length)
            : BitConverter.GetBytes(padded.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. Encoding.Latin1.GetBytes(padded), .. data];
    }
}
