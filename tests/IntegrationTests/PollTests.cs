using System.Data;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MySqlConnector;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Polls share transactions. A client can wait for the payment instead of polling.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class PollTests(DatabaseKind kind) : PollFixture(kind)
{
    [Test]
    public async Task Polls_of_many_orders_at_once_each_have_their_own_count_and_their_own_order()
    {
        var orders = new List<Shop.Placed>();
        for (var i = 0; i < 5; i++) orders.Add(i % 2 == 0 ? await Shop.BuyKamiAsync() : await Shop.BuyCreditsAsync($"1.0{i}"));
        await Shop.Server.NotifyAsync(orders[0].Notice());
        var polls = await Task.WhenAll(Enumerable.Range(0, 300).Select(async i => (Order: orders[i % 5], Reply: await Shop.CheckAsync(orders[i % 5].GatewayOrderId))));
        foreach (var order in orders)
        {
            var replies = polls.Where(p => p.Order == order).Select(p => p.Reply).ToList();
            Assert.That(replies.Select(r => (int)r["nums"]!), Is.EquivalentTo(Enumerable.Range(1, 60)));
            Assert.That(replies.Select(r => (string)r["payjs_order_id"]!), Is.All.EqualTo(order.GatewayOrderId));
            Assert.That(replies.Select(r => (string)r["status"]!), Is.All.EqualTo(order == orders[0] ? "2" : "1"));
            Assert.That(replies.Select(r => ((string)r["kami"]!).Length), Is.All.EqualTo(order == orders[0] ? 32 : 0));
        }
        Assert.That(await Shop.Server.WithDbAsync(db => db.OrderChecks.SumAsync(c => c.Count)), Is.EqualTo(300));
    }

    [Test]
    public async Task Who_waits_is_told_of_the_payment_and_counted_once()
    {
        var placed = await Shop.BuyKamiAsync();
        var waiting = Enumerable.Range(0, 3).Select(_ => CheckAsync(Shop.Server, placed, "&wait=30")).ToList();
        await CountedAsync(3);
        Assert.That(waiting.Any(w => w.IsCompleted), Is.False);
        Assert.That((await Shop.Server.NotifyAsync(placed.Notice())).Text, Is.EqualTo("success"));
        var replies = await Task.WhenAll(waiting).WaitAsync(BeforeItsTime);
        Assert.That(replies.Select(r => (string)r["status"]!), Is.All.EqualTo("2"));
        Assert.That(replies.Select(r => ((string)r["kami"]!).Length), Is.All.EqualTo(32));
        Assert.That(replies.Select(r => (int)r["nums"]!), Is.EquivalentTo(new[] { 1, 2, 3 }));
        // A poll of a paid order is answered immediately, and counted.
        Assert.That((int)(await CheckAsync(Shop.Server, placed, "&wait=30").WaitAsync(BeforeItsTime))["nums"]!, Is.EqualTo(4));
    }

    [Test]
    public async Task A_wait_ends_with_its_time_and_says_how_the_order_stands()
    {
        var placed = await Shop.BuyCreditsAsync();
        var started = Stopwatch.GetTimestamp();
        var reply = await CheckAsync(Shop.Server, placed, "&wait=1");
        Assert.That(Stopwatch.GetElapsedTime(started), Is.GreaterThan(TimeSpan.FromSeconds(0.9)));
        Assert.That(((string)reply["status"]!, (int)reply["nums"]!), Is.EqualTo(("1", 1)));
    }

    [TestCase("31")]
    [TestCase("-1")]
    [TestCase("1.5")]
    [TestCase("soon")]
    [TestCase("99999999999")]
    public async Task A_wait_that_is_none_is_refused_and_not_counted(string wait)
    {
        var placed = await Shop.BuyCreditsAsync();
        Assert.That(await CheckTextAsync(placed, $"&wait={wait}"), Is.EqualTo("error0127"));
        Assert.That((int)(await CheckAsync(Shop.Server, placed, "&wait=0"))["nums"]!, Is.EqualTo(1));
        Assert.That((int)(await CheckAsync(Shop.Server, placed, "&wait="))["nums"]!, Is.EqualTo(2));
    }

    [Test]
    public async Task A_server_that_stops_lets_nobody_wait()
    {
        var placed = await Shop.BuyCreditsAsync();
        await using var server = TestServer.Start(Shop.Database, Shop.Gateway.Address);
        var waiting = CheckAsync(server, placed, "&wait=30");
        await CountedAsync(1);
        // Disposing would also close the client's connection.
        var stopping = server.Services.GetRequiredService<IHost>().StopAsync();
        Assert.That((string)(await waiting.WaitAsync(BeforeItsTime))["status"]!, Is.EqualTo("1"));
        await stopping;
    }
}

/// <summary>Tests with two servers or row locks. Not for SQLite: one process owns the file, and a transaction locks all of it.</summary>
[TestFixture]
internal sealed class SharedPollTests() : PollFixture(DatabaseKind.MariaDb)
{
    [Test]
    public async Task Two_servers_on_one_database_never_tell_the_same_count()
    {
        await using var other = TestServer.Start(Shop.Database, Shop.Gateway.Address);
        var orders = new List<Shop.Placed>();
        for (var i = 0; i < 4; i++) orders.Add(await Shop.BuyCreditsAsync());
        var polls = await Task.WhenAll(Enumerable.Range(0, 400).Select(async i => (Order: i % 4, Nums: (int)(await CheckAsync(i / 4 % 2 == 0 ? Shop.Server : other, orders[i % 4]))["nums"]!)));
        foreach (var order in polls.GroupBy(p => p.Order)) Assert.That(order.Select(p => p.Nums), Is.EquivalentTo(Enumerable.Range(1, 100)));
    }

    [Test]
    public async Task A_counter_that_somebody_holds_locked_fails_its_own_polls_alone()
    {
        var (stuck, free) = (await Shop.BuyCreditsAsync(), await Shop.BuyCreditsAsync());
        await using var blocker = new MySqlConnection(Shop.Database.ConnectionString);
        await blocker.OpenAsync();
        await using var held = await blocker.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        await using var locking = new MySqlCommand($"SELECT c.Count FROM OrderChecks c JOIN Orders o ON o.Id = c.OrderId WHERE o.Number = '{stuck.Number}' FOR UPDATE", blocker, held);
        await locking.ExecuteScalarAsync();

        var waiting = Enumerable.Range(0, 5).Select(_ => CheckTextAsync(stuck)).ToList();
        var answered = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Shop.CheckAsync(free.GatewayOrderId)));
        Assert.That(answered.Select(a => (int)a["nums"]!).Order(), Is.Ordered.Ascending.And.Unique);
        Assert.That(await Task.WhenAll(waiting), Is.All.EqualTo("error0020"), "an error within its time, not a wait");
        await held.RollbackAsync();
        Assert.That((string)(await Shop.CheckAsync(stuck.GatewayOrderId))["status"]!, Is.EqualTo("1"));
    }

    [Test]
    public async Task A_nudge_that_was_lost_with_its_connection_is_sent_again()
    {
        var placed = await Shop.BuyCreditsAsync();
        await using var blocker = new MySqlConnection(Shop.Database.ConnectionString);
        await blocker.OpenAsync();
        await using var held = await blocker.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        await using var locking = new MySqlCommand("SELECT Count FROM OrderChecks FOR UPDATE", blocker, held);
        await locking.ExecuteScalarAsync();

        var poll = Shop.CheckAsync(placed.GatewayOrderId);
        await using var admin = new MySqlConnection(Shop.Database.ConnectionString);
        await admin.OpenAsync();
        await using var find = new MySqlCommand("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE '%UPDATE OrderChecks%' AND ID <> CONNECTION_ID()", admin);
        object? waiting = null;
        await Eventually.HoldsAsync(async () => (waiting = await find.ExecuteScalarAsync()) is not null);
        await using var kill = new MySqlCommand($"KILL {waiting}", admin);
        await kill.ExecuteNonQueryAsync();
        await held.RollbackAsync();

        Assert.That((int)(await poll)["nums"]!, Is.EqualTo(1));
        // Without it, the gateway would be queried only after 50 seconds.
        await Eventually.HoldsAsync(() => Task.FromResult(!Shop.Gateway.Questions.IsEmpty));
    }

    [Test]
    public async Task Who_waits_at_one_server_is_told_of_a_payment_that_another_took()
    {
        await using var other = TestServer.Start(Shop.Database, Shop.Gateway.Address);
        var placed = await Shop.BuyCreditsAsync();
        var waiting = CheckAsync(other, placed, "&wait=30");
        await CountedAsync(1);
        await Shop.Server.NotifyAsync(placed.Notice());
        Assert.That((string)(await waiting.WaitAsync(BeforeItsTime))["status"]!, Is.EqualTo("2"));
    }
}

internal abstract class PollFixture(DatabaseKind kind)
{
    /// <summary>A 30-second wait that ends within this time did not time out.</summary>
    protected static readonly TimeSpan BeforeItsTime = TimeSpan.FromSeconds(29);

    protected Shop Shop { get; private set; } = null!;

    [SetUp]
    public async Task OpenAsync() => Shop = await Shop.OpenAsync(kind);

    [TearDown]
    public async Task CloseAsync() => await Shop.DisposeAsync();

    protected async Task CountedAsync(int polls) =>
        await Eventually.HoldsAsync(async () => await Shop.Server.WithDbAsync(db => db.OrderChecks.SumAsync(c => c.Count)) == polls);

    protected static async Task<JsonNode> CheckAsync(TestServer server, Shop.Placed placed, string more = "") =>
        (await server.PluginAsync($"&action=payjs_check&key={Shop.TransportKey}&payjs_order_id={placed.GatewayOrderId}{more}"))["data"]!;

    protected async Task<string> CheckTextAsync(Shop.Placed placed, string more = "") =>
        (string)(await Shop.Server.PluginAsync($"&action=payjs_check&key={Shop.TransportKey}&payjs_order_id={placed.GatewayOrderId}{more}"))["result"]!;
}
