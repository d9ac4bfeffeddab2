using System.Text;
using System.Text.Json.Nodes;
using PayRecharge.IntegrationTests.Contract;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Bounds;

/// <summary>The client's address is the socket's, unless a proxy that the operator named forwards another.</summary>
[TestFixture]
internal sealed class KnownProxyTests
{
    private const string Elsewhere = "203.0.113.9";

    private Database _database = null!;

    [SetUp]
    public async Task CreateAsync() => _database = await Database.CreateAsync(DatabaseKind.Sqlite);

    [TearDown]
    public async Task DropAsync() => await _database.DisposeAsync();

    [TestCase(null)]
    [TestCase("")]
    [TestCase("10.0.0.1, 10.1.0.0/16, 2001:db8::/32")]
    [TestCase("127.0.0.2,::1")]
    public async Task What_a_stranger_says_of_himself_changes_nothing(string? known)
    {
        await using var server = Start(known, ("RateLimit:Burst", "3"), ("RateLimit:PerSecond", "1"));
        for (var call = 0; call < 2; call++) Assert.That(await ResultAsync(server, Elsewhere), Is.EqualTo("OK"));
        var results = new HashSet<string>();
        for (var call = 0; call < 60; call++) results.Add(await ResultAsync(server, $"203.0.113.{call}"));
        Assert.That(results, Does.Contain("error0124"), "a new address in the header is no new bucket");
        await server.SaveSettingsAsync(new { barredAddresses = new[] { Elsewhere } });
        Assert.That(await ResultAsync(server, Elsewhere), Is.Not.EqualTo("error0112"));
        await server.SaveSettingsAsync(new { barredAddresses = new[] { "127.0.0.1" } });
        Assert.That(await ResultAsync(server, Elsewhere), Is.EqualTo("error0112"));
        Assert.That(await NoticesSenderAsync(server, Elsewhere), Is.EqualTo("127.0.0.1"));
        Assert.That(await SchemeAsync(server), Is.EqualTo("http"));
    }

    [TestCase("127.0.0.1", "http://127.0.0.1:0")]
    [TestCase("10.0.0.1, 127.0.0.0/8", "http://127.0.0.1:0")]
    [TestCase("::ffff:127.0.0.1", "http://127.0.0.1:0")]
    [TestCase("::ffff:127.0.0.0/104", "http://127.0.0.1:0")]
    [TestCase("127.0.0.1", "http://[::]:0")]
    [TestCase("127.0.0.0/8", "http://[::]:0")]
    public async Task What_a_known_proxy_says_counts(string known, string listen)
    {
        await using var server = Start(known, ("RateLimit:Burst", "3"), ("RateLimit:PerSecond", "1"), ("urls", listen));
        for (var call = 0; call < 20; call++) Assert.That(await ResultAsync(server, $"203.0.113.{100 + call}"), Is.EqualTo("OK"), "each address has its own bucket");
        await server.SaveSettingsAsync(new { barredAddresses = new[] { Elsewhere, "127.0.0.1" } });
        Assert.That(await ResultAsync(server, Elsewhere), Is.EqualTo("error0112"));
        Assert.That(await ResultAsync(server, "::ffff:" + Elsewhere), Is.EqualTo("error0112"));
        Assert.That(await ResultAsync(server, "203.0.113.10"), Is.EqualTo("OK"));
        Assert.That(await ResultAsync(server, null), Is.EqualTo("error0112"), "the proxy itself");
        Assert.That(await ResultAsync(server, $"{Elsewhere}, 203.0.113.11"), Is.EqualTo("OK"), "what the client wrote before the proxy did");
        Assert.That(await ResultAsync(server, $"{Elsewhere}, 127.0.0.1"), Is.EqualTo("error0112"), "two proxies in a row");
        Assert.That(await NoticesSenderAsync(server, "::ffff:" + Elsewhere), Is.EqualTo(Elsewhere));
        Assert.That(await SchemeAsync(server), Is.EqualTo("https"));
    }

    [Test]
    public async Task A_socket_for_both_kinds_of_addresses_tells_an_IPv4_caller_as_such()
    {
        await using var server = Start(null, ("urls", "http://[::]:0"));
        Assert.That(await NoticesSenderAsync(server, Elsewhere), Is.EqualTo("127.0.0.1"));
        await server.SaveSettingsAsync(new { barredAddresses = new[] { "127.0.0.1" } });
        Assert.That(await ResultAsync(server, null), Is.EqualTo("error0112"));
    }

    [TestCase("proxy.example")]
    [TestCase("10")]
    [TestCase("10.0.0")]
    [TestCase("10.0.0.1/33")]
    [TestCase("127.0.0.1;10.0.0.1")]
    [TestCase("127.0.0.1, *")]
    public void What_is_no_address_ends_the_start(string known) =>
        Assert.That(() => Start(known), Throws.InvalidOperationException.With.Message.Contains("KnownProxies"));

    [Test]
    public void A_list_is_read_whole_and_the_switch_that_believes_everybody_ends_the_start()
    {
        Assert.That(() => Start("10.0.0.1", ("KnownProxies:0", "10.0.0.2"), ("KnownProxies:1", "garbage")), Throws.InvalidOperationException.With.Message.Contains("'garbage'"));
        Assert.That(() => Start("10.0.0.1", ("ForwardedHeaders_Enabled", "true")), Throws.InvalidOperationException.With.Message.Contains("KnownProxies"));
    }

    [TestCase(null, 1)]
    [TestCase("127.0.0.1", 0)]
    public async Task A_proxy_that_nobody_named_is_warned_of_once(string? known, int warnings)
    {
        await using var server = Start(known);
        for (var call = 0; call < 3; call++) await ResultAsync(server, Elsewhere);
        Assert.That(server.Log.Entries.Count(l => l.Text.Contains("127.0.0.1 sends X-Forwarded-For and KnownProxies does not name it", StringComparison.Ordinal)), Is.EqualTo(warnings));
    }

    private TestServer Start(string? known, params (string Name, string Value)[] more) =>
        TestServer.Start(_database, null, null, known is null ? more : [("KnownProxies", known), .. more]);

    private static async Task<string> ResultAsync(TestServer server, string? forwardedFor) => (string)JsonNode.Parse(
        await SendAsync(server, new(HttpMethod.Get, TestServer.PluginPath + "&action=payjs_kamis_list&key=123456"), forwardedFor))!["result"]!;

    private static async Task<string?> NoticesSenderAsync(TestServer server, string forwardedFor)
    {
        var notice = ScriptedGateway.Notice("20210507182721123456", "2021050718271700671267492", 1, key: "forged");
        await SendAsync(server, new(HttpMethod.Post, "/payjs/notify") { Content = new FormUrlEncodedContent(notice) }, forwardedFor);
        var (_, kept) = await server.AdminAsync(HttpMethod.Get, "notifications?quarantined=true");
        return (string?)kept!.AsArray().Single()!["remoteAddress"];
    }

    private static async Task<string> SchemeAsync(TestServer server)
    {
        // The reply redirects to an absolute URL, which is not followed here.
        var reply = await RawConnection.AskAsync(server.Address, Encoding.ASCII.GetBytes(
            $"GET /demo HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {Elsewhere}\r\nX-Forwarded-Proto: https\r\n\r\n"));
        return new Uri(reply.Head.Split("\r\n").Single(line => line.StartsWith("Location: ", StringComparison.Ordinal))["Location: ".Length..]).Scheme;
    }

    private static async Task<string> SendAsync(TestServer server, HttpRequestMessage request, string? forwardedFor)
    {
        if (forwardedFor is not null) request.Headers.Add("X-Forwarded-For", forwardedFor);
        using (request)
        using (var response = await server.Http.SendAsync(request))
            return await response.Content.ReadAsStringAsync();
    }
}
