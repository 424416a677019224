namespace Saga.Api.Tests.Access;

/// <summary>What browsers are told: CORS and the headers.</summary>
public sealed class BrowserRulesTests
{
    private const string Friend = "https://friend.example";

    [Fact]
    public async Task Other_origins_are_closed_out_unless_they_are_named()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        using HttpResponseMessage preflight = await PreflightAsync(service, Friend);
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_named_origin_may_send_keys_and_read_the_contract_s_headers_also_of_refusals()
    {
        (ServiceHost service, string key) = await KeyedService.StartAsync($"Saga:Access:AllowedOrigins:0={Friend}");
        await using ServiceHost owned = service;
        using HttpResponseMessage preflight = (await PreflightAsync(service, Friend)).Expect(204);
        Assert.Equal(Friend, Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Origin")));
        string headers = Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Headers"));
        Assert.Contains("x-api-key", headers, StringComparison.OrdinalIgnoreCase);
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Credentials"));
        using HttpResponseMessage stranger = await PreflightAsync(service, "https://evil.example");
        Assert.False(stranger.Headers.Contains("Access-Control-Allow-Origin"));

        foreach ((string? with, int status) in new[] { (key, 200), ((string?)null, 401) })
        {
            using HttpClient client = service.ClientWith(with);
            client.DefaultRequestHeaders.Add("Origin", Friend);
            using HttpResponseMessage answer = (await client.GetAsync("/api/v1/scenes")).Expect(status);
            Assert.Equal(Friend, Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
            string exposed = string.Join(',', answer.Headers.GetValues("Access-Control-Expose-Headers"));
            foreach (string header in new[]
            {
                "ETag", "Location", "X-Gaussian-Count", "X-Selected-Count", "Server-Timing", "Upload-Offset", "Tus-Resumable",
            })
            {
                Assert.Contains(header, exposed, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task The_page_runs_only_its_own_scripts_and_stands_in_no_frame()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        using HttpResponseMessage page = (await service.Client.GetAsync("/")).Expect(200);
        string policy = Policy(page);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?![^>]*src=)", await page.Content.ReadAsStringAsync());
        CheckCommon(page);
    }

    [Fact]
    public async Task Data_and_refusals_cannot_be_opened_as_a_page()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        string scene = await service.CreateReadySceneAsync();
        foreach (string path in new[] { "/api/v1/scenes", "/api/v1/nothing", $"/api/v1/scenes/{scene}/gaussians", "/health/live" })
        {
            using HttpResponseMessage answer = await service.Client.GetAsync(path);
            Assert.Contains("sandbox", Policy(answer), StringComparison.Ordinal);
            CheckCommon(answer);
        }
    }

    [Fact]
    public async Task Downloads_are_saved_and_not_shown()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        string scene = await service.CreateReadySceneAsync();
        using HttpResponseMessage made = await service.PostAsync(
            $"/api/v1/scenes/{scene}/selections", new { name = "<b>x</b>", indices = new[] { 0 } });
        string selection = (await made.JsonAsync(201)).GetProperty("id").GetString()!;
        foreach (string path in new[]
        {
            "gaussians", "model", "model?format=published", $"selections/{selection}/export", $"selections/{selection}/masks.zip",
        })
        {
            using HttpResponseMessage answer = (await service.Client.GetAsync($"/api/v1/scenes/{scene}/{path}")).Expect(200);
            Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
            Assert.Contains(answer.Content.Headers.ContentType?.MediaType, new[] { "application/octet-stream", "application/zip" });
        }
    }

    [Fact]
    public async Task Swagger_s_page_works_within_its_policy()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        using HttpResponseMessage page = (await service.Client.GetAsync("/swagger/index.html")).Expect(200);
        Assert.Contains("script-src 'self';", Policy(page), StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?![^>]*src=)", await page.Content.ReadAsStringAsync());
    }

    private static void CheckCommon(HttpResponseMessage answer)
    {
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Opener-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Resource-Policy")));
    }

    private static string Policy(HttpResponseMessage answer) => Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));

    private static Task<HttpResponseMessage> PreflightAsync(ServiceHost service, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "/api/v1/scenes");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "x-api-key,content-type");
        return service.Client.SendAsync(request);
    }
}
