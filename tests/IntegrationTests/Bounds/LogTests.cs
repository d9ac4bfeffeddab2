using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.IntegrationTests.Support;
using PayRecharge.WebApi;

namespace PayRecharge.IntegrationTests.Bounds;

/// <summary>Outsiders can neither flood the log nor forge lines in it.</summary>
[TestFixture]
internal sealed class LogTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Test]
    public async Task Repeated_refusals_are_one_line_and_a_count_each_minute()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var database = await Database.CreateAsync(DatabaseKind.Sqlite);
        await using var server = TestServer.Start(database, null, clock, ("KnownProxies", "127.0.0.1"));
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), async (i, _) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, TestServer.PluginPath + "&action=payjs_kamis_list&key=wrong");
            request.Headers.Add("X-Forwarded-For", i % 3 == 0 ? "203.0.113.7" : $"2001:db8::{i:x}");
            using var response = await server.Http.SendAsync(request, CancellationToken.None);
            Assert.That(await response.Content.ReadAsStringAsync(CancellationToken.None), Does.Contain("error02"));
        });
        Assert.That(Lines(server, "was refused: error02"), Has.Length.EqualTo(2));

        clock.Advance(Minute);
        await Eventually.HoldsAsync(() => Task.FromResult(Lines(server, "were refused within a minute: error02").Length == 2));
        Assert.That(Lines(server, "99 more calls from 203.0.113.7 "), Has.Length.EqualTo(1));
        Assert.That(Lines(server, "199 more calls from 2001:db8::/64 "), Has.Length.EqualTo(1));
        clock.Advance(Minute);
        await server.PluginAsync("&action=payjs_kamis_list&key=wrong");
        Assert.That(Lines(server, "was refused: error02"), Has.Length.EqualTo(3), "after a minute the first is told again");
    }

    [TestCase("&action=payjs_check_id&token=00000000000000000000000000000000", "TokenUnknown")]
    [TestCase("&action=payjs_credit&credits=1&money=1&username=nobody&body=b&key=" + Shop.TransportKey, "UserUnknown")]
    public async Task What_the_use_cases_refuse_is_summed_up_too(string query, string reason)
    {
        await using var shop = await Shop.OpenAsync(DatabaseKind.Sqlite);
        for (var i = 0; i < 20; i++) await shop.Server.PluginAsync(query);
        Assert.That(Lines(shop.Server, reason), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task However_many_addresses_and_failures_there_are_the_log_stays_short()
    {
        var clock = new FakeTimeProvider();
        using var log = new CapturedLog();
        using var loggers = new LoggerFactory([log]);
        using var calls = new CallLog(clock, loggers.CreateLogger<CallLog>());
        await calls.StartAsync(CancellationToken.None);
        for (var i = 0; i < 50_000; i++) calls.Refused(new IPAddress(0x0A00_0000 + (long)i), "error02");
        Assert.That(log.Entries, Has.Count.EqualTo(CallLog.MostKept));
        log.Entries.Clear();
        await Eventually.HoldsAsync(() =>
        {
            clock.Advance(Minute);
            return Task.FromResult(!log.Entries.IsEmpty);
        });
        Assert.That(log.Entries.Single().Text, Does.Contain($"{50_000 - CallLog.MostKept} more calls from other addresses"));

        log.Entries.Clear();
        for (var i = 0; i < 100; i++) calls.Failed("It failed", new TimeoutException($"try {i}"));
        Assert.That(log.Entries.Single().Exception, Is.InstanceOf<TimeoutException>());
        // Pending counts are also logged when the server stops.
        await calls.StopAsync(CancellationToken.None);
        Assert.That(log.Entries.Select(e => e.Text), Has.Some.Contains("99 more times within a minute: It failed: TimeoutException"));
    }

    [Test]
    public async Task A_database_that_is_away_does_not_fill_the_log()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var shop = await Shop.OpenAsync(DatabaseKind.Sqlite, clock);
        var placed = await shop.BuyCreditsAsync();
        await shop.Server.WithDbAsync(db => db.Database.ExecuteSqlRawAsync("ALTER TABLE Orders RENAME TO Elsewhere; ALTER TABLE PendingChecks RENAME TO Gone"));
        shop.Server.Log.Entries.Clear();
        for (var i = 0; i < 20; i++)
        {
            await shop.Server.NotifyAsync(placed.Notice());
            await shop.Server.AdminAsync(HttpMethod.Get, "orders");
            await shop.Server.PluginAsync($"&action=payjs_check&payjs_order_id={placed.GatewayOrderId}&key={Shop.TransportKey}");
            clock.Advance(TimeSpan.FromSeconds(0.5));
        }
        // Sources: a notice, an admin's call, a poll and the reconciliation.
        await Eventually.HoldsAsync(() => Task.FromResult(Lines(shop.Server, "Reconciliation failed").Length == 1));
        Assert.That(shop.Server.Log.Entries.Where(e => e.Level >= LogLevel.Warning).ToList(), Has.Count.InRange(3, 5));
        clock.Advance(Minute);
        await Eventually.HoldsAsync(() => Task.FromResult(Lines(shop.Server, "more times within a minute: Reconciliation failed").Length == 1));
    }

    [Test]
    public async Task What_the_gateway_refuses_is_one_line_and_a_count_each_minute()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var shop = await Shop.OpenAsync(DatabaseKind.Sqlite, clock);
        shop.Gateway.Answer = (_, _) => Task.FromResult("""{"return_code":0,"return_msg":"frozen","status":0}""");
        for (var i = 0; i < 20; i++)
            await shop.Server.PluginAsync($"&action=payjs_credit&credits=2&money=1&username=buyer&body=b&key={Shop.TransportKey}");
        Assert.That(Lines(shop.Server, "frozen"), Has.Length.EqualTo(1));
        clock.Advance(Minute);
        await Eventually.HoldsAsync(() => Task.FromResult(Lines(shop.Server, "19 more calls").Length == 1));
    }

    [Test]
    public async Task Control_characters_of_outside_texts_are_escaped_where_they_are_printed()
    {
        await using var shop = await Shop.OpenAsync(DatabaseKind.Sqlite);
        await using var server = await ServerProcess.StartAsync(shop.Database, shop.Gateway.Address);
        shop.Gateway.Answer = (_, _) => Task.FromResult(new JsonObject { ["return_code"] = 0, ["return_msg"] = "no\u001b[2J\0\u009b\u202e\r\ncrit: forged[0]\n      All money is gone" }.ToJsonString());
        await server.Http.GetStringAsync($"{TestServer.PluginPath}&action=payjs_credit&credits=2&money=1&username=buyer&body=b&key={Shop.TransportKey}");
        await Eventually.HoldsAsync(() => Task.FromResult(server.Output.Any(l => l.Contains("the gateway refused its order", StringComparison.Ordinal))));
        Assert.That(server.Output, Has.Some.EndsWith(@": no\u001b[2J\u0000\u009b\u202e\r\ncrit: forged[0]\n      All money is gone"));
        Assert.That(server.Output.Where(l => l.StartsWith("crit:", StringComparison.Ordinal) || l.Any(char.IsControl)), Is.Empty);
        // Our own lines, and those of a stack trace, keep their line breaks.
        Assert.That(server.Output, Has.Some.StartsWith("info: PayRecharge."));
    }

    private static string[] Lines(TestServer server, string text) =>
        [.. server.Log.Entries.Select(e => e.Text).Where(t => t.Contains(text, StringComparison.Ordinal))];
}
