namespace Saga.Api.Tests.Access;

/// <summary>Every size has a limit in <c>Saga:Limits</c>, and its refusal names it.</summary>
public sealed class LimitTests
{
    [Theory]
    [InlineData("MaxGaussians", "gaussians", "invalid-gaussians")]
    [InlineData("MaxViews", "cameras", "invalid-cameras")]
    [InlineData("MaxMasks", "masks", "invalid-masks")]
    public async Task A_file_that_holds_too_many_is_refused(string limit, string kind, string code)
    {
        await using ServiceHost service = await ServiceHost.StartAsync($"Saga:Limits:{limit}=1");
        (string Part, byte[] Bytes, string FileName)[] files = kind == "masks"
            ? [.. TwoBlobs.AllFiles]
            : [.. TwoBlobs.AllFiles.Where(file => file.Part is "gaussians" || file.Part == kind)];
        using HttpResponseMessage response = await service.PostFormAsync("too many", files);
        Assert.Contains($"Saga:Limits:{limit}", await response.RefusedAsync(422, code), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Selections_of_a_scene_and_points_of_a_prompt_are_limited()
    {
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Limits:MaxSelectionsPerScene=1", "Saga:Limits:MaxPoints=2");
        string scene = await service.CreateReadySceneAsync();
        var one = new { indices = new[] { 0 } };
        (await service.PostAsync($"/api/v1/scenes/{scene}/selections", one)).Expect(201);
        string detail = await (await service.PostAsync($"/api/v1/scenes/{scene}/selections", one)).RefusedAsync(422, "too-many-selections");
        Assert.Contains("Saga:Limits:MaxSelectionsPerScene", detail, StringComparison.Ordinal);

        var point = new { x = 1.5, y = 1.5 };
        var three = new { view = 0, points = new[] { point, point, point } };
        detail = await (await service.PostAsync($"/api/v1/scenes/{scene}/segment", three)).RefusedAsync(422, "too-many-points");
        Assert.Contains("Saga:Limits:MaxPoints", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\u001b[31mb")]
    [InlineData("")]
    public async Task Names_hold_no_control_characters(string name)
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        await (await service.PostAsync("/api/v1/scenes", new { name })).RefusedAsync(422, "invalid-name");
        await (await service.PostAsync("/api/v1/scenes", new { name = new string('x', 201) })).RefusedAsync(422, "invalid-name");
    }

    [Fact]
    public async Task Json_that_nests_too_deep_is_refused()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        string deep = $"{{\"name\":{new string('[', 40)}{new string(']', 40)}}}";
        await (await service.PostTextAsync("/api/v1/scenes", deep)).RefusedAsync(400, "invalid-request");
    }
}
