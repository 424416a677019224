using System.Buffers;
using System.Buffers.Binary;

namespace Saga.Api.Decomposition;

/// <summary>Answers labels as little-endian bytes, without a second copy of them in memory.</summary>
internal sealed class LabelBytes(ushort[] labels) : IResult
{
    private const int LabelsPerWrite = 1 << 15;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/octet-stream";
        httpContext.Response.ContentLength = (long)labels.Length * sizeof(ushort);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(LabelsPerWrite * sizeof(ushort));
        try
        {
            for (int start = 0; start < labels.Length; start += LabelsPerWrite)
            {
                int count = Math.Min(LabelsPerWrite, labels.Length - start);
                for (int i = 0; i < count; i++)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(2 * i), labels[start + i]);
                }

                await httpContext.Response.Body.WriteAsync(buffer.AsMemory(0, 2 * count), httpContext.RequestAborted);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
