using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>A server with a scripted gateway, the original text's data and one account of every kind.</summary>
internal abstract partial class PluginFixture(DatabaseKind kind)
{
    /// <summary>The highest balance: the forum's columns and the clients use 32 bits.</summary>
    protected const long MaximumBalance = int.MaxValue;

    /// <summary>One character more than the gateway's limit for a title, 64.</summary>
    protected const int LongTitle = 65;

    /// <summary>One character more than the gateway's limit for an attached text, 127.</summary>
    protected const int LongAttach = 128;

    /// <summary>An account that may not order.</summary>
    protected const string Disabled = "disabled";

    /// <summary>An account whose card time never ends.</summary>
    protected const string Permanent = "permanent";

    /// <summary>An account with room for 9 credits of type 2 and for no card time.</summary>
    protected const string Full = "full";

    /// <summary>A credit type that is not for sale.</summary>
    protected const string TypeWithoutRatio = "7";

    private const string ErrorJson = "{{\"code\":{0},\"result\":\"{1}\",\"count\":0,\"data\":[]";
    private const string ErrorXml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root><code>{0}</code><result>{1}</result><count>0</count><data></data>";

    private static readonly object Everyday = new
    {
        pluginEnabled = true,
        gatewayEnabled = true,
        transportKey = Call.Key,
        creditRatios = new[] { 10, 10, 10, 10, 10, 10, 0, 10 },
        timeRatio = 3600,
        minimumFen = 1,
        maximumFen = 1_000_000,
        closedActions = Array.Empty<string>(),
        barredAddresses = Array.Empty<string>(),
        charset = "Auto",
    };

    private bool _changed;

    protected Database Database { get; private set; } = null!;

    protected ScriptedGateway Gateway { get; private set; } = null!;

    protected TestServer Server { get; private set; } = null!;

    /// <summary>More configuration for the server.</summary>
    protected virtual (string Name, string Value)[] Configuration => [];

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Database = await Database.CreateAsync(kind);
        Gateway = await ScriptedGateway.StartAsync();
        // Sandbox mode creates the demo data, but the server calls the scripted gateway.
        Server = TestServer.Start(Database, gateway: null, clock: null, [("Payjs:BaseUrl", Gateway.Address.ToString()), ("Payjs:ChecksPerSecond", "0"), .. Configuration]);
        await Server.SaveSettingsAsync(new { merchantId = ScriptedGateway.Merchant, merchantKey = ScriptedGateway.Key });
        await Server.SaveSettingsAsync(Everyday);
        await Server.WithDbAsync(SeedData.AddAsync);
        await Server.AdminAsync(HttpMethod.Patch, $"users/{await AddUserAsync(new { userName = Disabled })}", new { enabled = false });
        await AddUserAsync(new { userName = Permanent, permanent = true });
        var full = await AddUserAsync(new { userName = Full, credits = new[] { 0, MaximumBalance - 9, 0, 0, 0, 0, 0, 0 } });
        await Server.AdminAsync(HttpMethod.Patch, $"users/{full}", new { cardTimeExpiry = MaximumBalance });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Server is not null) await Server.DisposeAsync();
        if (Gateway is not null) await Gateway.DisposeAsync();
        await Database.DisposeAsync();
    }

    [TearDown]
    public async Task RestoreSettingsAsync()
    {
        if (_changed) await Server.SaveSettingsAsync(Everyday);
        _changed = false;
    }

    /// <summary>Changes settings for the rest of the test.</summary>
    protected Task ChangeSettingsAsync(object change)
    {
        _changed = true;
        return Server.SaveSettingsAsync(change);
    }

    /// <summary>Creates an account and returns its uid.</summary>
    protected async Task<long> AddUserAsync(object user)
    {
        var (status, body) = await Server.AdminAsync(HttpMethod.Post, "users", user);
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), body?.ToJsonString());
        return (long)body!["uid"]!;
    }

    /// <summary>Logs an account in; returns its token.</summary>
    protected async Task<string> IssueTokenAsync(long uid)
    {
        var (status, body) = await Server.AdminAsync(HttpMethod.Post, $"users/{uid}/tokens", new { });
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), body?.ToJsonString());
        return (string)body!["token"]!;
    }

    /// <summary>Makes a call that must succeed; returns the reply's data.</summary>
    protected async Task<JsonNode> SucceedAsync(Call call, int count)
    {
        var text = await Server.PluginTextAsync(call.ToString());
        var reply = JsonNode.Parse(text)!;
        Assert.That((int)reply["code"]!, Is.EqualTo(200), text);
        Assert.That((string)reply["result"]!, Is.EqualTo("OK"), text);
        Assert.That((int)reply["count"]!, Is.EqualTo(count), text);
        return reply["data"]!;
    }

    /// <summary>The distinct results, sorted, of far more calls than a bucket of one a second refills meanwhile.</summary>
    protected async Task<string> FloodAsync(Call call)
    {
        var results = new SortedSet<string>(StringComparer.Ordinal);
        for (var sent = 0; sent < 60; sent++)
            results.Add((string)JsonNode.Parse(await Server.PluginTextAsync(call.ToString()))!["result"]!);
        return string.Join(' ', results);
    }

    /// <summary>Makes a call in JSON with one plugin id and in XML with the other; both must return the exact error.</summary>
    protected static async Task AssertErrorAsync(TestServer server, Call call, int code, string error)
    {
        using var json = await server.Http.GetAsync(TestServer.PluginPath + call);
        await AssertErrorAsync(json, code, error, xml: false);
        using var xml = await server.Http.GetAsync("/plugin.php?id=xinxiuvip_network_plugin:payjs&soft=1&output=xml" + call);
        await AssertErrorAsync(xml, code, error, xml: true);
    }

    protected Task AssertErrorAsync(Call call, int code, string error) => AssertErrorAsync(Server, call, code, error);

    protected static async Task AssertErrorAsync(HttpResponseMessage response, int code, string error, bool xml)
    {
        AssertError(await response.Content.ReadAsStringAsync(), code, error, xml);
        AssertHead(response, xml);
    }

    /// <summary>Checks an error's whole text, except the digits of its duration.</summary>
    protected static void AssertError(string text, int code, string error, bool xml) =>
        AssertReply(text, string.Format(null, xml ? ErrorXml : ErrorJson, code, error), xml);

    /// <summary>Checks a reply's whole text, except the digits of its duration.</summary>
    protected static void AssertReply(string text, string expectedUpToTime, bool xml)
    {
        Assert.That(text, Does.StartWith(expectedUpToTime));
        Assert.That(text[expectedUpToTime.Length..], Does.Match(xml ? XmlEnd() : JsonEnd()));
    }

    /// <summary>Checks the status and headers of every reply.</summary>
    protected static void AssertHead(HttpResponseMessage response, bool xml)
    {
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), "every reply of this endpoint is HTTP 200");
        Assert.That(response.Content.Headers.GetValues("Content-Type").Single(), Is.EqualTo(xml ? "text/xml; charset=utf-8" : "text/html; charset=utf-8"));
        Assert.That(response.Headers.GetValues("Cache-Control").Single(), Is.EqualTo("no-store"));
        Assert.That(response.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Is.EqualTo("default-src 'none'; sandbox"));
        Assert.That(response.Content.Headers.Contains("Content-Encoding"), Is.False);
    }

    protected Task<int> CountOrdersAsync() => Server.WithDbAsync(db => db.Orders.CountAsync());

    protected Task<Order> NewestOrderAsync() => Server.WithDbAsync(db => db.Orders.AsNoTracking().OrderByDescending(o => o.Id).FirstAsync());

    // Seconds with at most five decimals, trailing zeros dropped.
    [GeneratedRegex("^,\"sqltime\":\"[0-9]+(\\.[0-9]{0,4}[1-9])?s\"}\\z")]
    private static partial Regex JsonEnd();

    [GeneratedRegex("^<sqltime>[0-9]+(\\.[0-9]{0,4}[1-9])?s</sqltime></root>\\z")]
    private static partial Regex XmlEnd();
}
