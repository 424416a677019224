using System.Text.Json;
using Saga.Engine.Compute;

namespace Saga.Api.Tests.Residency;

/// <summary>The whole service on an OpenCL device: the first that can be used, which PoCL makes of the processor.</summary>
public sealed class DeviceMainFlowTests : MainFlowTests
{
    private protected override Task<ServiceHost> StartAsync(params string[] settings) =>
        ServiceHost.StartAsync([$"Saga:Compute:Device=opencl:{Require().Index}", .. settings]);

    [Fact]
    public async Task Prompts_and_pictures_use_the_device_and_its_memory_is_given_back()
    {
        await using ServiceHost service = await StartAsync();
        string path = $"/api/v1/scenes/{await service.CreateReadySceneAsync()}";
        object click = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } } };
        JsonElement answer = await (await service.PostAsync($"{path}/segment", click)).JsonAsync(200);
        Assert.Equal(TwoBlobs.Half, answer.GetProperty("selectedCount").GetInt32());
        (await service.Client.GetAsync($"{path}/render?view=1")).Expect(200);

        JsonElement device = (await service.GetJsonAsync("/api/v1/residency")).GetProperty("device");
        Assert.Equal((Require().Name, "used"), (device.GetProperty("name").GetString(), device.GetProperty("state").GetString()));
        Assert.Equal(2, device.GetProperty("residents").GetInt32());
        Assert.InRange(device.GetProperty("bytes").GetInt64(), TwoBlobs.Count * 100, device.GetProperty("budgetBytes").GetInt64());
        string metrics = await service.Client.GetStringAsync("/metrics");
        Assert.Contains("saga_device_memory_bytes", metrics, StringComparison.Ordinal);

        using HttpResponseMessage deleted = await service.Client.DeleteAsync(path);
        Assert.Equal(204, (int)deleted.StatusCode);
        Assert.Equal(0, (await service.GetJsonAsync("/api/v1/residency")).GetProperty("device").GetProperty("residents").GetInt32());
    }

    private static ComputeDeviceInfo Require()
    {
        ComputeDeviceInfo? usable = ComputeDevice.List().FirstOrDefault(device => device.Missing is null);
        if (usable is null)
        {
            Assert.Skip("There is no OpenCL device that can be used. (Debian: apt-get install pocl-opencl-icd)");
        }

        return usable;
    }
}

public sealed class DeviceChoiceTests
{
    [Theory]
    [InlineData("cpu", "the configuration says cpu")]
    [InlineData("opencl:97", "there is no device opencl:97")]
    public async Task Without_the_device_the_cpu_computes_and_the_service_says_why(string wanted, string reason)
    {
        await using ServiceHost service = await ServiceHost.StartAsync($"Saga:Compute:Device={wanted}");
        string path = $"/api/v1/scenes/{await service.CreateReadySceneAsync()}";
        object click = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } } };
        (await service.PostAsync($"{path}/segment", click)).Expect(200);

        JsonElement device = (await service.GetJsonAsync("/api/v1/residency")).GetProperty("device");

        Assert.Equal(("cpu", "none"), (device.GetProperty("name").GetString(), device.GetProperty("state").GetString()));
        Assert.Contains(reason, device.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }
}
