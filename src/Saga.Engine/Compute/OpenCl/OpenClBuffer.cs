using Microsoft.Win32.SafeHandles;

namespace Saga.Engine.Compute.OpenCl;

/// <summary>A piece of the device's memory. What nobody disposes is given back when it is collected.</summary>
internal sealed class OpenClBuffer : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly OpenClContext _context;

    public OpenClBuffer(OpenClContext context, nint buffer, long bytes)
        : base(ownsHandle: true)
    {
        _context = context;
        Bytes = bytes;
        SetHandle(buffer);
    }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    protected override bool ReleaseHandle()
    {
        _context.Forget(Bytes);
        return OpenClNative.ReleaseMemObject(handle) == OpenClConstants.Success;
    }
}
