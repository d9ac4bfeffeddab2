using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using PayRecharge.IntegrationTests.Contract;
using PayRecharge.IntegrationTests.Support;
using PayRecharge.WebApi;
using PayRecharge.WebApi.Http;

namespace PayRecharge.IntegrationTests.Bounds;

/// <summary>One peer's share of the server is limited; the operator can change the limits of a connection.</summary>
[TestFixture]
internal sealed class ConnectionTests
{
    private static readonly byte[] Live = RawConnection.Get("/health/live");

    private Database _database = null!;

    [SetUp]
    public async Task CreateAsync() => _database = await Database.CreateAsync(DatabaseKind.Sqlite);

    [TearDown]
    public async Task DropAsync() => await _database.DisposeAsync();

    [Test]
    public async Task More_connections_than_are_allowed_are_turned_away_until_one_ends()
    {
        await using var server = Start(("MaxConcurrentConnections", "2"));
        using var first = await OpenAsync(server);
        using (await OpenAsync(server))
        {
            using var third = await RawConnection.OpenAsync(server.Address);
            await third.SendAsync(Live);
            Assert.That(await third.ReadToEndAsync(), Is.Empty);
        }
        await Eventually.HoldsAsync(async () =>
        {
            using var another = await RawConnection.OpenAsync(server.Address);
            await another.SendAsync("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
            return (await another.ReadToEndAsync()).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
        });
        await first.SendAsync(Live);
        Assert.That((await first.ReadReplyAsync()).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task One_address_cannot_take_the_connections_of_all()
    {
        const string greedy = "127.0.0.2", other = "127.0.0.3";
        await using var server = TestServer.Start(_database, null, null, ("RateLimit:ConnectionsPerAddress", "3"));
        var held = new List<RawConnection>();
        for (var i = 0; i < 3; i++) held.Add(await OpenAsync(server, greedy));
        for (var i = 0; i < 20; i++)
        {
            using var more = await RawConnection.OpenAsync(server.Address, greedy);
            await more.SendAsync(Live);
            Assert.That(await more.ReadToEndAsync(), Is.Empty);
        }
        using (await OpenAsync(server, other)) { }
        // 127.0.0.1 has no limit of its own: a local proxy connects from there.
        for (var i = 0; i < 10; i++) held.Add(await OpenAsync(server));
        Assert.That(server.Log.Entries.Count(e => e.Text.Contains("too many connections", StringComparison.Ordinal)), Is.EqualTo(1));

        held[0].Dispose();
        await Eventually.HoldsAsync(async () =>
        {
            using var another = await RawConnection.OpenAsync(server.Address, greedy);
            await another.SendAsync("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
            return (await another.ReadToEndAsync()).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
        });
        held.ForEach(c => c.Dispose());
    }

    [TestCase("127.0.0.2")]
    [TestCase("127.0.0.0/8")]
    public async Task A_known_proxy_has_as_many_connections_as_it_needs(string known)
    {
        await using var server = TestServer.Start(_database, null, null, ("RateLimit:ConnectionsPerAddress", "1"), ("KnownProxies", known));
        using var first = await OpenAsync(server, "127.0.0.2");
        using var second = await OpenAsync(server, "127.0.0.2");
    }

    [Test]
    public void A_network_of_IPv6_counts_as_one_address_and_there_is_a_limit_in_all()
    {
        using var loggers = new LoggerFactory();
        var limits = new ConnectionLimits(inAll: 8, perAddress: 2, _ => false, new CallLog(TimeProvider.System, loggers.CreateLogger<CallLog>()));
        IPAddress neighbour = IPAddress.Parse("2001:db8::1"), other = IPAddress.Parse("2001:db8:0:1::1");
        Assert.That(limits.TryOpen(neighbour), Is.True);
        Assert.That(limits.TryOpen(IPAddress.Parse("2001:db8::2")), Is.True);
        Assert.That(limits.TryOpen(IPAddress.Parse("2001:db8::3")), Is.False);
        Assert.That(limits.TryOpen(other), Is.True);
        limits.Close(neighbour);
        Assert.That(limits.TryOpen(IPAddress.Parse("2001:db8::3")), Is.True);
        for (var i = 0; i < 5; i++) Assert.That(limits.TryOpen(IPAddress.Loopback), Is.True);
        Assert.That(limits.TryOpen(IPAddress.Loopback), Is.False, "there are eight");
    }

    [Test]
    public async Task A_head_that_never_ends_and_a_connection_that_idles_are_ended()
    {
        await using var server = Start(("RequestHeadersTimeout", "00:00:01"), ("KeepAliveTimeout", "00:00:01"));
        using var slow = await RawConnection.OpenAsync(server.Address);
        await slow.SendAsync("GET /health/live HTTP/1.1\r\nHost: x\r\n"u8.ToArray());
        Assert.That(await slow.ReadToEndAsync(), Does.StartWith("HTTP/1.1 408 "));
        using var idle = await OpenAsync(server);
        Assert.That(await idle.ReadToEndAsync(), Is.Empty);
    }

    [Test]
    public async Task A_body_that_trickles_is_ended()
    {
        await using var server = Start();
        using var slow = await RawConnection.OpenAsync(server.Address);
        await slow.SendAsync(Encoding.ASCII.GetBytes(
            "POST /payjs/notify HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nmchid"));
        Assert.That(await slow.ReadToEndAsync(), Does.StartWith("HTTP/1.1 408 "));
    }

    [TestCase(99, 10, 200)]
    [TestCase(100, 10, 431)]
    [TestCase(1, 31 * 1024, 200)]
    [TestCase(1, 33 * 1024, 431)]
    public async Task The_head_is_bounded_in_count_and_size(int count, int length, int status)
    {
        await using var server = Start();
        var headers = string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('x', length)}\r\n"));
        var reply = await RawConnection.AskAsync(server.Address, Encoding.ASCII.GetBytes($"GET /health/live HTTP/1.1\r\nHost: x\r\n{headers}\r\n"));
        Assert.That(reply.Status, Is.EqualTo(status));
    }

    [Test]
    public async Task The_contracts_own_limits_are_nobodys_to_change()
    {
        await using var server = Start(("MaxRequestLineSize", "1024"), ("MaxRequestBodySize", "10"), ("MaxRequestBufferSize", "2048"));
        var call = Call.Rules.Without("key").And("x", new string('x', 30 * 1024)) + "&id=xinxiu_network_plugin:payjs";
        var reply = await RawConnection.AskAsync(server.Address, RawConnection.Post("/plugin.php?" + call, Encoding.ASCII.GetBytes("key=123456&y=" + new string('y', 1000))));
        Assert.That(reply.Body, Does.StartWith("{\"code\":200,"));
    }

    [Test]
    public void A_limit_that_is_none_ends_the_start()
    {
        Assert.That(() => Start(("MaxConcurrentConnections", "many")), Throws.InvalidOperationException.With.Message.Contains("Kestrel:Limits:MaxConcurrentConnections"));
        Assert.That(() => Start(("MaxConcurrentConnections", "0")), Throws.InnerException.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCase("RateLimit:Burst")]
    [TestCase("RateLimit:ConnectionsPerAddress")]
    [TestCase("RateLimit:OrderPerSecond")]
    [TestCase("RateLimit:UnknownOrdersPerMinute")]
    public void A_rate_that_is_none_ends_the_start(string name) =>
        Assert.That(() => TestServer.Start(_database, null, null, (name, "0")), Throws.InvalidOperationException.With.Message.Contains(name));

    private TestServer Start(params (string Name, string Value)[] limits) =>
        TestServer.Start(_database, null, null, [.. limits.Select(l => ("Kestrel:Limits:" + l.Name, l.Value))]);

    /// <summary>A connection that has served one request.</summary>
    private static async Task<RawConnection> OpenAsync(TestServer server, string? from = null)
    {
        var connection = await RawConnection.OpenAsync(server.Address, from);
        await connection.SendAsync(Live);
        Assert.That((await connection.ReadReplyAsync()).Status, Is.EqualTo(200));
        return connection;
    }
}
