using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Saga.Engine.Numerics;

namespace Saga.Engine.Tests.Numerics;

[Trait("Category", "Kernel")]
public sealed class SimdTests
{
    [Fact]
    public void The_level_is_the_widest_that_this_process_may_use()
    {
        Assert.Equal(Vector512.IsHardwareAccelerated, Simd.Level >= SimdLevel.Vector512);
        Assert.Equal(Vector256.IsHardwareAccelerated, Simd.Level >= SimdLevel.Vector256);
        Assert.Equal(Vector128.IsHardwareAccelerated, Simd.Level >= SimdLevel.Vector128);
        Assert.StartsWith(Simd.Level.ToString(), Simd.Description, StringComparison.Ordinal);
        Assert.Equal(Fma.IsSupported, Simd.Description.Contains("FMA", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper!.WriteLine($"vectors in use: {Simd.Description}");
    }

    /// <summary>Says so when a run that switches instruction sets off did not: a variable that no longer has its name is silent.</summary>
    [Fact]
    public void The_switches_of_the_environment_took_effect()
    {
        string? highest = Environment.GetEnvironmentVariable("SAGA_TEST_HIGHEST_SIMD");
        if (highest is null)
        {
            Assert.Skip("SAGA_TEST_HIGHEST_SIMD is not set: no instruction set was switched off.");
        }

        Assert.True(
            Simd.Level <= Enum.Parse<SimdLevel>(highest), $"This process computes with {Simd.Description}; at most {highest} was asked for.");
    }
}
