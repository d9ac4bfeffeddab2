using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>The route of gateway calls: never over plain http by accident, and through a proxy only if one is set for them.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class GatewayAddressTests(DatabaseKind kind)
{
    // No server listens there.
    private const string DeadProxy = "http://127.0.0.1:9";

    private Database _database = null!;

    [SetUp]
    public async Task CreateAsync() => _database = await Database.CreateAsync(kind);

    [TearDown]
    public async Task DisposeAsync() => await _database.DisposeAsync();

    [TestCase("http://payjs.example/api", "", "Payjs:AllowHttp")]
    [TestCase("http://10.0.0.1/api", "false", "Payjs:AllowHttp")]
    [TestCase("http://127.0.0.1.example.com/api", "false", "Payjs:AllowHttp")]
    [TestCase("http://payjs.example/api", "true", null)]
    [TestCase("https://payjs.example/api", "", null)]
    [TestCase("http://127.0.0.1:9/api", "", null)]
    [TestCase("http://localhost:9/api", "", null)]
    [TestCase("http://[::1]:9/api", "", null)]
    public async Task Real_money_over_plain_http_is_refused_at_the_start(string gateway, string allow, string? refusal)
    {
        (string, string)[] more = allow.Length > 0 ? [("Payjs:AllowHttp", allow)] : [];
        if (refusal is not null)
        {
            Assert.That(() => TestServer.Start(_database, new Uri(gateway), null, more), Throws.InstanceOf<OptionsValidationException>().With.Message.Contains(refusal));
            return;
        }
        await using var server = TestServer.Start(_database, new Uri(gateway), null, more);
    }

    [TestCase("ftp://proxy")]
    [TestCase("proxy:3128")]
    [TestCase("http://user:secret@proxy:3128")]
    public void A_proxy_that_cannot_be_used_is_refused_at_the_start(string proxy) =>
        Assert.That(
            () => TestServer.Start(_database, new Uri(DeadProxy), null, ("Payjs:Proxy", proxy)),
            Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("Payjs:Proxy").And.Message.Not.Contain("secret"));

    [Test]
    public async Task The_gateway_is_called_through_the_proxy_that_is_set()
    {
        await using var gateway = await ScriptedGateway.StartAsync();
        gateway.Answer = (_, _) => Task.FromResult(ScriptedGateway.Signed(new Dictionary<string, string> { ["name"] = "shop", ["return_code"] = "1" }));
        await using var server = TestServer.Start(
            _database, new Uri("http://payjs.invalid/api"), null, ("Payjs:AllowHttp", "true"), ("Payjs:Proxy", gateway.Address.GetLeftPart(UriPartial.Authority)));
        await server.SaveSettingsAsync(new { merchantId = ScriptedGateway.Merchant, merchantKey = ScriptedGateway.Key });
        Assert.That((await server.AdminAsync(HttpMethod.Post, "settings/merchant-trial")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task This_machine_is_called_past_the_proxy_that_is_set()
    {
        await using var server = TestServer.Start(_database, gateway: null, clock: null, ("Payjs:Proxy", DeadProxy));
        Assert.That((await server.AdminAsync(HttpMethod.Post, "settings/merchant-trial")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_proxy_of_the_environment_does_not_count()
    {
        await using var server = await ServerProcess.StartAsync(
            _database, new Uri(DeadProxy), ("Payjs:Mode", "Sandbox"), ("Payjs:BaseUrl", ""), ("HTTP_PROXY", DeadProxy), ("HTTPS_PROXY", DeadProxy), ("ALL_PROXY", DeadProxy), ("http_proxy", DeadProxy));
        var reply = JsonNode.Parse(await server.Http.GetStringAsync(
            TestServer.PluginPath + "&action=payjs_credit&credits=2&money=1&username=demo&body=b&key=123456"))!;
        Assert.That(((int)reply["code"]!, (string?)reply["result"]), Is.EqualTo((200, "OK")), string.Join('\n', server.Output));
    }

    [Test]
    public async Task An_operator_is_told_that_a_proxy_of_the_environment_does_not_count()
    {
        await using var server = await ServerProcess.StartAsync(_database, new Uri(DeadProxy), ("HTTPS_PROXY", DeadProxy));
        await Eventually.HoldsAsync(() => Task.FromResult(server.Output.Any(line => line.Contains("Payjs:Proxy", StringComparison.Ordinal))));
    }

    // In development, the framework would show its stack-trace page to a caller that accepts HTML.
    [TestCase("Production")]
    [TestCase("Development")]
    public async Task No_failure_shows_a_page_with_a_stack_trace(string environment)
    {
        await using var server = await ServerProcess.StartAsync(_database, new Uri(DeadProxy), ("ASPNETCORE_ENVIRONMENT", environment));
        using var settings = new HttpRequestMessage(HttpMethod.Put, "/api/admin/settings")
        {
            Content = new StringContent($"{{\"merchantId\":\"{ScriptedGateway.Merchant}\",\"merchantKey\":\"{ScriptedGateway.Key}\"}}", null, "application/json"),
        };
        settings.Headers.Authorization = new("Bearer", ServerProcess.AdminKey);
        using var saved = await server.Http.SendAsync(settings);
        Assert.That(saved.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var trial = new HttpRequestMessage(HttpMethod.Post, "/api/admin/settings/merchant-trial");
        trial.Headers.Authorization = settings.Headers.Authorization;
        trial.Headers.Add("Accept", "text/html");
        using var response = await server.Http.SendAsync(trial);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((response.StatusCode, response.Content.Headers.ContentType?.MediaType), Is.EqualTo((HttpStatusCode.BadGateway, "application/problem+json")), text);
        Assert.That(text, Does.Not.Contain("   at "));
    }
}
