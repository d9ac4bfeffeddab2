using System.Data;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using MySqlConnector;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Contract;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Several servers on one database, and servers that are killed at the worst moment.</summary>
[TestFixture]
internal sealed class ProcessTests
{
    private Shop _shop = null!;

    [SetUp]
    public async Task OpenAsync() => _shop = await Shop.OpenAsync(DatabaseKind.MariaDb);

    [TearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [Test]
    public async Task Two_servers_that_get_the_same_notice_at_once_fulfil_once()
    {
        await using var first = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        await using var second = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        var credits = await _shop.BuyCreditsAsync("3");
        var kami = await _shop.BuyKamiAsync();
        foreach (var placed in new[] { credits, kami })
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, 100), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            {
                using var response = await NotifyAsync(i % 2 == 0 ? first : second, placed);
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            });
        }
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(3 * Shop.CreditRatio));
        Assert.That(await _shop.LedgerAsync(), Has.Count.EqualTo(2));
        Assert.That(await _shop.Server.WithDbAsync(db => db.Kamis.CountAsync()), Is.EqualTo(1));
    }

    [Test]
    public async Task Questions_to_two_servers_are_counted_without_repeats()
    {
        await using var first = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        await using var second = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        var placed = await _shop.BuyCreditsAsync();
        var counts = new List<int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancel) =>
        {
            var text = await (i % 2 == 0 ? first : second).Http.GetStringAsync(
                $"{TestServer.PluginPath}&action=payjs_check&key={Shop.TransportKey}&payjs_order_id={placed.GatewayOrderId}", cancel);
            lock (counts) counts.Add((int)System.Text.Json.Nodes.JsonNode.Parse(text)!["data"]!["nums"]!);
        });
        Assert.That(counts.Order(), Is.EqualTo(Enumerable.Range(1, 200)));
    }

    [Test]
    public async Task Servers_that_start_at_once_on_an_empty_database_agree()
    {
        await using var database = await Database.CreateAsync(DatabaseKind.MariaDb);
        // One of them also generates the key to the secrets in the database.
        var keys = Directory.CreateTempSubdirectory("payrecharge-keys-").FullName;
        var servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ServerProcess.StartAsync(database, _shop.Gateway.Address, ("Data:KeysFolder", keys))));
        foreach (var server in servers) await server.DisposeAsync();
        await using var after = TestServer.Start(database, _shop.Gateway.Address, more: ("Data:KeysFolder", keys));
        Assert.That(await after.WithDbAsync(db => db.Settings.CountAsync()), Is.EqualTo(1));
        Directory.Delete(keys, recursive: true);
    }

    [Test]
    public async Task A_server_killed_between_the_gateways_reply_and_its_own_commit_loses_nothing()
    {
        var server = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        await using var blocker = new MySqlConnection(_shop.Database.ConnectionString);
        await blocker.OpenAsync();
        MySqlTransaction? held = null;
        _shop.Gateway.Answer = async (_, form) =>
        {
            // The order is committed by now. This lock blocks the commit of the gateway's reply.
            held = await blocker.BeginTransactionAsync(IsolationLevel.ReadCommitted);
            await using var command = new MySqlCommand("SELECT Id FROM Orders WHERE Number = @number FOR UPDATE", blocker, held);
            command.Parameters.AddWithValue("number", form["out_trade_no"]);
            Assert.That(await command.ExecuteScalarAsync(), Is.Not.Null, "the order is stored before the gateway hears of it");
            return ScriptedGateway.Reply(form, "2021050718271700671300001");
        };
        var call = server.Http.GetAsync($"{TestServer.PluginPath}&action=payjs_credit&credits=2&money=1&username=buyer&body=b&key={Shop.TransportKey}");
        await Eventually.HoldsAsync(async () => held is not null && await WaitersAsync() > 0);
        await server.KillAsync();
        // The statement is its own transaction. The database would still execute it after the death of its client.
        await _shop.Server.WithDbAsync(async db =>
        {
            var waiting = await db.Database.SqlQueryRaw<long>("SELECT ID AS Value FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE 'UPDATE `Orders`%'").ToListAsync();
            return await db.Database.ExecuteSqlAsync($"KILL {waiting.Single()}");
        });
        await Eventually.HoldsAsync(async () => await WaitersAsync() == 0);
        await held!.RollbackAsync();
        Assert.That(async () => await call, Throws.InstanceOf<HttpRequestException>());

        var order = await _shop.Server.WithDbAsync(db => db.Orders.AsNoTracking().SingleAsync());
        Assert.That((order.Status, order.GatewayOrderId), Is.EqualTo((OrderStatus.Pending, (string?)null)));
        await using var restarted = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        using var response = await restarted.Http.NotifyAsync(ScriptedGateway.Notice(order.Number, "2021050718271700671300001", 100));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
        await server.DisposeAsync();
    }

    [Test]
    public async Task A_server_killed_after_the_commit_and_before_its_answer_fulfils_no_second_time()
    {
        var placed = await _shop.BuyCreditsAsync();
        var server = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        var body = await new FormUrlEncodedContent(placed.Notice()).ReadAsStringAsync();
        var notice = RawConnection.Post("/payjs/notify", System.Text.Encoding.ASCII.GetBytes(body));
        // Replies are not read, as if lost. A reply before fulfilment asks for a retry, so the notice is sent again.
        RawConnection? connection = null;
        await Eventually.HoldsAsync(async () =>
        {
            if (connection is null or { HasReply: true })
            {
                connection?.Dispose();
                connection = await RawConnection.OpenAsync(server.Http.BaseAddress!);
                await connection.SendAsync(notice);
            }
            return (await _shop.OrderAsync(placed.Number)).Status == OrderStatus.Fulfilled;
        });
        await server.KillAsync();
        connection!.Dispose();

        await using var restarted = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        using var again = await NotifyAsync(restarted, placed);
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
        Assert.That(await _shop.LedgerAsync(), Has.Count.EqualTo(1));
        await server.DisposeAsync();
    }

    [Test]
    public async Task A_server_killed_in_the_middle_of_fulfilment_leaves_all_of_it_undone()
    {
        var placed = await _shop.BuyCreditsAsync();
        var server = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        await using var blocker = new MySqlConnection(_shop.Database.ConnectionString);
        await blocker.OpenAsync();
        // The order's row is locked first, then the account's. Blocked there, the transaction has judged but not delivered.
        await using var held = await blocker.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        await using (var command = new MySqlCommand($"SELECT Uid FROM UserAccounts WHERE Uid = {_shop.Uid} FOR UPDATE", blocker, held))
            await command.ExecuteScalarAsync();
        var call = Task.Run(async () =>
        {
            // The notice times out there and is sent again, until the server is dead.
            while (true) using (await server.Http.NotifyAsync(placed.Notice())) { }
        });
        await Eventually.HoldsAsync(async () => await WaitersAsync() > 0);
        await server.KillAsync();
        await held.RollbackAsync();
        Assert.That(async () => await call, Throws.InstanceOf<HttpRequestException>());

        await Eventually.HoldsAsync(async () => await WaitersAsync() == 0);
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Pending));
        Assert.That(await _shop.NotificationsAsync(), Is.Empty);
        Assert.That((await _shop.Server.NotifyAsync(placed.Notice())).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
        await server.DisposeAsync();
    }

    [Test]
    public async Task What_the_gateway_answered_is_stored_before_it_is_acted_on()
    {
        var placed = await _shop.BuyCreditsAsync();
        var id = (await _shop.OrderAsync(placed.Number)).Id;
        _shop.Gateway.Answer = (_, form) => Task.FromResult(ScriptedGateway.Signed(new Dictionary<string, string>
        {
            ["mchid"] = ScriptedGateway.Merchant,
            ["out_trade_no"] = placed.Number,
            ["paid_time"] = "2021-05-07 18:27:39",
            ["payjs_order_id"] = form["payjs_order_id"],
            ["return_code"] = "1",
            ["status"] = "1",
            ["total_fee"] = "100",
            ["transaction_id"] = "4200000000202105070000000001",
        }));
        await using var blocker = new MySqlConnection(_shop.Database.ConnectionString);
        await blocker.OpenAsync();
        await using var held = await blocker.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        await using (var command = new MySqlCommand($"SELECT Uid FROM UserAccounts WHERE Uid = {_shop.Uid} FOR UPDATE", blocker, held))
            await command.ExecuteScalarAsync();
        var asking = _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/reconcile");
        await Eventually.HoldsAsync(async () => await WaitersAsync() > 0);
        Assert.That((await _shop.NotificationsAsync()).Single().Source, Is.EqualTo(Domain.Payments.NotificationSource.Check));
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Pending));
        await held.RollbackAsync();
        Assert.That((string?)(await asking).Body!["status"], Is.EqualTo("Fulfilled"));
        Assert.That(await _shop.NotificationsAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_notice_does_not_wait_for_a_claim_that_hangs()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var shop = await Shop.OpenAsync(DatabaseKind.MariaDb, clock);
        var placed = await shop.BuyCreditsAsync();
        var asked = 0;
        shop.Gateway.Answer = (_, _) => throw new InvalidOperationException($"asked {++asked} times");
        await using var blocker = new MySqlConnection(shop.Database.ConnectionString);
        await blocker.OpenAsync();
        await using var held = await blocker.BeginTransactionAsync();
        await using (var command = new MySqlCommand("SELECT OrderId FROM PendingChecks FOR UPDATE", blocker, held)) await command.ExecuteScalarAsync();
        Assert.That((await shop.Server.NotifyAsync(placed.Notice())).Text, Is.EqualTo("success"));
        await held.RollbackAsync();
        // The check that could not be removed is removed when due, without a query.
        clock.Advance(TimeSpan.FromSeconds(51));
        await Eventually.HoldsAsync(async () => !await shop.Server.WithDbAsync(db => db.PendingChecks.AnyAsync()));
        Assert.That(asked, Is.Zero);
    }

    [Test]
    public async Task A_change_of_the_settings_reaches_another_server_within_seconds()
    {
        await using var other = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        Assert.That(await RulesAsync(Shop.TransportKey), Is.EqualTo("OK"));
        await _shop.Server.SaveSettingsAsync(new { transportKey = "another-key" });
        await Eventually.HoldsAsync(async () => await RulesAsync("another-key") == "OK");
        Assert.That(await RulesAsync(Shop.TransportKey), Is.EqualTo("error02"));

        await _shop.Server.SaveSettingsAsync(new { closedActions = new[] { "payjs_kamis_list" } });
        await Eventually.HoldsAsync(async () => await RulesAsync("another-key") == "error0111");

        await _shop.Server.SaveSettingsAsync(new { merchantId = "1500000002", merchantKey = "AnotherKey000002" });
        _shop.Gateway.Answer = (_, form) => Task.FromResult(ScriptedGateway.Reply(form, "gateway" + form["out_trade_no"], key: "AnotherKey000002"));
        await Eventually.HoldsAsync(async () => await ResultAsync("payjs_cardtime&money=1&username=buyer&body=b", "another-key") == "OK");
        Assert.That(_shop.Gateway.Requests.Last().Form["mchid"], Is.EqualTo("1500000002"));

        Task<string> RulesAsync(string key) => ResultAsync("payjs_kamis_list", key);

        async Task<string> ResultAsync(string action, string key) => (string)System.Text.Json.Nodes.JsonNode.Parse(
            await other.Http.GetStringAsync($"{TestServer.PluginPath}&action={action}&key={key}"))!["result"]!;
    }

    private static Task<HttpResponseMessage> NotifyAsync(ServerProcess server, Shop.Placed placed) => server.Http.NotifyAsync(placed.Notice());

    // Not from innodb_trx: that view is refreshed only if it was not read for a tenth of a second.
    private Task<int> WaitersAsync() => _shop.Server.WithDbAsync(db => db.Database
        .SqlQueryRaw<int>("SELECT CAST(VARIABLE_VALUE AS SIGNED) AS Value FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'INNODB_ROW_LOCK_CURRENT_WAITS'")
        .SingleAsync());
}
