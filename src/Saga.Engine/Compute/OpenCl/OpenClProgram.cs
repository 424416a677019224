namespace Saga.Engine.Compute.OpenCl;

/// <summary>Kernels that were built for a device.</summary>
/// <param name="Handle">The program.</param>
internal sealed record OpenClProgram(nint Handle)
{
    /// <summary>Makes a kernel object, which holds arguments and so is one caller's.</summary>
    public unsafe nint CreateKernel(string name, OpenClContext context)
    {
        int error;
        nint kernel = OpenClNative.CreateKernel(Handle, name, &error);
        context.Check($"clCreateKernel({name})", error);
        return kernel;
    }
}
