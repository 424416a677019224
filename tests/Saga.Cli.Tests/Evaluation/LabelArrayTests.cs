using System.Text;
using Saga.Cli.Evaluation;
using Saga.Tests;

namespace Saga.Cli.Tests.Evaluation;

public sealed class LabelArrayTests
{
    private const string Header = "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 2), }";
    private static readonly byte[] Body = [1, 0, 2, 0, 3, 0, 0xff, 0xff];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Reads_objects_and_parts_of_every_version(int version)
    {
        (ushort[] objects, ushort[] parts) = LabelArray.Parse(File(Header, Body, version), "labels.npy");

        Assert.Equal<ushort>([1, 3], objects);
        Assert.Equal<ushort>([2, 65535], parts);
    }

    [Fact]
    public void Reads_the_labels_of_the_sample()
    {
        (ushort[] objects, ushort[] parts) = LabelArray.Read(SharedData.Playroom("labels.npy"));

        Assert.Equal(181_800, objects.Length);
        Assert.Equal(objects.Length, parts.Length);
        Assert.Equal(1_800, objects.Count(label => label == LabeledScene.None));
    }

    [Theory]
    [InlineData("{'descr': '>u2', 'fortran_order': False, 'shape': (2, 2), }", "little-endian uint16")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", "little-endian uint16")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }", "little-endian uint16")]
    [InlineData("{'descr': '<u2', 'fortran_order': True, 'shape': (2, 2), }", "C order")]
    [InlineData("{'descr': '<u2', 'fortran_order': False, 'shape': (4,), }", "shape (count, 2)")]
    [InlineData("{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3), }", "shape (count, 2)")]
    [InlineData("{'descr': '<u2', 'fortran_order': False, 'shape': (-2, 2), }", "shape (count, 2)")]
    [InlineData("{'descr': '<u2', 'fortran_order': False, 'shape': (9999999999, 2), }", "shape (count, 2)")]
    [InlineData("{'descr': '<u2', 'fortran_order': False, 'shape': (2000000000, 2), }", "8000000000 bytes")]
    [InlineData("{'descr': '<u2', 'fortran_order': False, 'shape': (3, 2), }", "12 bytes")]
    [InlineData("", "little-endian uint16")]
    public void Refuses_another_header(string header, string reason)
    {
        var error = Assert.Throws<InvalidDataException>(() => LabelArray.Parse(File(header, Body), "labels.npy"));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_every_truncation()
    {
        byte[] file = File(Header, Body);
        for (int length = 0; length < file.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => LabelArray.Parse(file.AsSpan(0, length), "labels.npy"));
        }
    }

    [Fact]
    public void Refuses_a_header_longer_than_the_file()
    {
        byte[] file = File(Header, Body, version: 2);
        file.AsSpan(8, 4).Fill(0xff);

        Assert.Throws<InvalidDataException>(() => LabelArray.Parse(file, "labels.npy"));
    }

    [Fact]
    public void Refuses_another_version() =>
        Assert.Throws<InvalidDataException>(() => LabelArray.Parse(File(Header, Body, version: 4), "labels.npy"));

    private static byte[] File(string header, byte[] body, int version = 1)
    {
        byte[] text = Encoding.ASCII.GetBytes(header);
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. body];
    }
}
