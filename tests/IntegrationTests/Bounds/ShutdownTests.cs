using System.Data;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using MySqlConnector;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Contract;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Bounds;

/// <summary>On SIGTERM a server accepts no new work, finishes its current work, and exits.</summary>
[TestFixture]
internal sealed class ShutdownTests
{
    private Shop _shop = null!;

    // Only the process under test queries the gateway.
    [SetUp]
    public async Task OpenAsync() => _shop = await Shop.OpenAsync(DatabaseKind.MariaDb, null, ("Payjs:ChecksPerSecond", "0"));

    [TearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [Test]
    public async Task An_order_at_a_slow_gateway_is_placed_stored_and_answered()
    {
        await using var server = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        var answer = HoldGateway();
        using var idle = await RawConnection.OpenAsync(server.Http.BaseAddress!);
        await idle.SendAsync(RawConnection.Get("/health/live"));
        Assert.That((await idle.ReadReplyAsync()).Status, Is.EqualTo(200));

        var call = server.Http.GetStringAsync($"{TestServer.PluginPath}&action=payjs_credit&credits=2&money=1&username=buyer&body=b&key={Shop.TransportKey}");
        await Eventually.HoldsAsync(() => Task.FromResult(!_shop.Gateway.Requests.IsEmpty));
        await server.TerminateAsync();
        await server.StopsListeningAsync();
        Assert.That(await idle.ReadToEndAsync(), Is.Empty, "whoever has nothing under way is let go");
        answer.SetResult(form => ScriptedGateway.Reply(form, "2021050718271700671300007"));

        Assert.That((string)JsonNode.Parse(await call)!["data"]!["payjs_order_id"]!, Is.EqualTo("2021050718271700671300007"));
        Assert.That(await server.ExitCodeAsync(), Is.Zero);
        var order = await _shop.Server.WithDbAsync(db => db.Orders.AsNoTracking().SingleAsync());
        Assert.That((order.Status, order.GatewayOrderId), Is.EqualTo((OrderStatus.Pending, "2021050718271700671300007")));
    }

    [Test]
    public async Task A_delivery_in_its_transaction_is_committed_and_answered()
    {
        var placed = await _shop.BuyCreditsAsync();
        var id = (await _shop.OrderAsync(placed.Number)).Id;
        await using var server = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address, ("Payjs:ChecksPerSecond", "0"));
        await using var blocker = new MySqlConnection(_shop.Database.ConnectionString);
        await blocker.OpenAsync();
        await using var held = await blocker.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        await using (var command = new MySqlCommand($"SELECT Uid FROM UserAccounts WHERE Uid = {_shop.Uid} FOR UPDATE", blocker, held))
            await command.ExecuteScalarAsync();
        // An admin's confirmation settles like a notice, but may take longer than a notice's two seconds.
        using var word = new HttpRequestMessage(HttpMethod.Post, $"/api/admin/orders/{id}/confirm") { Content = JsonContent.Create(new { reason = "seen" }) };
        word.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestServer.AdminKey);
        var call = server.Http.SendAsync(word);
        await Eventually.HoldsAsync(async () => await _shop.Server.WithDbAsync(db => db.Database.SqlQueryRaw<int>(
            "SELECT CAST(VARIABLE_VALUE AS SIGNED) AS Value FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'INNODB_ROW_LOCK_CURRENT_WAITS'").SingleAsync()) > 0);
        await server.TerminateAsync();
        await server.StopsListeningAsync();
        await held.RollbackAsync();

        using var response = await call;
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await server.ExitCodeAsync(), Is.Zero);
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Fulfilled));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
    }

    [Test]
    public async Task A_question_about_an_order_is_ended_and_what_it_tells_is_delivered()
    {
        var placed = await _shop.BuyCreditsAsync();
        var answer = HoldGateway();
        await _shop.Server.WithDbAsync(db => db.Database.ExecuteSqlRawAsync("UPDATE PendingChecks SET DueAt = 0"));
        await using var server = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        await Eventually.HoldsAsync(() => Task.FromResult(!_shop.Gateway.Questions.IsEmpty));
        await server.TerminateAsync();
        await server.StopsListeningAsync();
        answer.SetResult(form => ScriptedGateway.Signed(new Dictionary<string, string>
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

        Assert.That(await server.ExitCodeAsync(), Is.Zero);
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Fulfilled));
        Assert.That(await _shop.Server.WithDbAsync(db => db.PendingChecks.CountAsync()), Is.Zero);
    }

    [Test]
    public async Task While_it_drains_a_server_is_not_ready_but_serves()
    {
        await using var server = await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address, ("Shutdown:DrainSeconds", "5"));
        Assert.That(await StatusAsync(server, "/health/ready"), Is.EqualTo(HttpStatusCode.OK));
        await server.TerminateAsync();
        await Eventually.HoldsAsync(async () => await StatusAsync(server, "/health/ready") == HttpStatusCode.ServiceUnavailable);
        Assert.That(await StatusAsync(server, "/health/live"), Is.EqualTo(HttpStatusCode.OK));
        var reply = await server.Http.GetStringAsync($"{TestServer.PluginPath}&action=payjs_kamis_list&key={Shop.TransportKey}");
        Assert.That(reply, Does.StartWith("{\"code\":200,"));
        Assert.That(await server.ExitCodeAsync(), Is.Zero);
    }

    [TestCase("-1")]
    [TestCase("61")]
    public async Task A_time_to_drain_that_is_none_ends_the_start(string seconds)
    {
        await using var database = await Database.CreateAsync(DatabaseKind.Sqlite);
        Assert.That(() => TestServer.Start(database, null, null, ("Shutdown:DrainSeconds", seconds)), Throws.InvalidOperationException.With.Message.Contains("Shutdown:DrainSeconds"));
    }

    /// <summary>Makes the gateway hold its answers until the result is set.</summary>
    private TaskCompletionSource<Func<Dictionary<string, string>, string>> HoldGateway()
    {
        var answer = new TaskCompletionSource<Func<Dictionary<string, string>, string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _shop.Gateway.Answer = async (_, form) => (await answer.Task)(form);
        return answer;
    }

    private static async Task<HttpStatusCode> StatusAsync(ServerProcess server, string path)
    {
        using var response = await server.Http.GetAsync(path);
        return response.StatusCode;
    }
}
