using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>The statements that guarantee exactly-once, as the database receives them. Other guards would hide a missing one.</summary>
[TestFixture]
internal sealed class StatementTests
{
    private const string OrderByNumber = "FROM Orders WHERE Number = @p0 FOR UPDATE";
    private const string FreeOrders = "FROM Orders WHERE Number IN (@p0) FOR UPDATE SKIP LOCKED";
    private const string FreeAccounts = "FROM UserAccounts WHERE Uid IN (@p0) FOR UPDATE SKIP LOCKED";
    private const string OrderById = "FROM Orders WHERE Id = @p0 FOR UPDATE";
    private const string Kami = "FROM Kamis WHERE Code = @p0 FOR UPDATE";
    private const string KamiOfOrder = "FROM Kamis WHERE OrderId = @p0 FOR UPDATE";
    private const string Account = "FROM UserAccounts WHERE Uid = @p0 FOR UPDATE";

    private FakeTimeProvider _clock = null!;
    private Database _database = null!;
    private ScriptedGateway _gateway = null!;
    private TestServer _server = null!;
    private long _uid;

    [SetUp]
    public async Task OpenAsync()
    {
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _database = await Database.CreateAsync(DatabaseKind.MariaDb);
        _gateway = await ScriptedGateway.StartAsync();
        _server = TestServer.Start(_database, _gateway.Address, _clock,
            ("Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command", "Information"), ("Logging:LogLevel:Microsoft.EntityFrameworkCore.Query", "Debug"));
        await _server.SaveSettingsAsync(new
        {
            merchantId = ScriptedGateway.Merchant,
            merchantKey = ScriptedGateway.Key,
            notifyBaseUrl = "http://127.0.0.1:9",
            transportKey = "k12345",
            creditRatios = new[] { 1, 0, 0, 0, 0, 0, 0, 0 },
        });
        await _server.AdminAsync(HttpMethod.Put, "card-rules/9", new { priceFen = 100, credits = 1, tradeCredits = 1, seconds = 1, devices = 1 });
        _uid = (long)(await _server.AdminAsync(HttpMethod.Post, "users", new { userName = "buyer" })).Body!["uid"]!;
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _server.DisposeAsync();
        await _gateway.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Test]
    public async Task A_payment_locks_its_order_and_account_and_updates_only_what_it_judged()
    {
        var (number, id) = await OrderAsync("credit&credits=1&money=1");
        var statements = await SentByAsync(() => _server.NotifyAsync(ScriptedGateway.Notice(number, id, 100)));
        AssertSequence(statements, FreeOrders, FreeAccounts);
        Assert.That(statements, Has.Some.Matches("UPDATE `Orders` SET [\\s\\S]*WHERE `Id` = @p\\d+ AND `Status` = @p\\d+;"));
    }

    [Test]
    public async Task A_payment_with_more_to_judge_waits_for_the_locks_of_its_order_and_account()
    {
        _gateway.Answer = (_, _) => Task.FromResult("lost");
        await _server.PluginAsync("&action=payjs_credit&credits=1&money=1&username=buyer&body=b&key=k12345");
        var number = await _server.WithDbAsync(db => db.Orders.Select(o => o.Number).SingleAsync());
        var statements = await SentByAsync(() => _server.NotifyAsync(ScriptedGateway.Notice(number, "2021050718271700671200001", 100)));
        AssertSequence(statements, OrderByNumber, Account);
        Assert.That(statements, Has.Some.Matches("UPDATE `Orders` SET [\\s\\S]*WHERE `Id` = @p\\d+ AND `Status` = @p\\d+;"));
    }

    [Test]
    public async Task The_gateways_id_is_given_only_to_an_order_that_has_none()
    {
        var statements = await SentByAsync(() => OrderAsync("credit&credits=1&money=1"));
        Assert.That(statements, Has.One.Contains("UPDATE `Orders`"));
        Assert.That(statements, Has.Some.Matches("UPDATE `Orders`[\\s\\S]*SET [^W]*`GatewayOrderId` = [^W]*WHERE [^W]*`Id` = [^W]*`GatewayOrderId` IS NULL"));
    }

    [Test]
    public async Task A_redemption_locks_the_kami_before_the_account_and_updates_only_one_that_is_not_redeemed()
    {
        var code = await BoughtKamiAsync();
        var statements = await SentByAsync(async () =>
            Assert.That((await _server.AdminAsync(HttpMethod.Post, $"users/{_uid}/redemptions", new { code })).Status, Is.EqualTo(HttpStatusCode.OK)));
        AssertSequence(statements, Kami, Account);
        Assert.That(statements, Has.Some.Matches("UPDATE `Kamis` SET [\\s\\S]*WHERE `Id` = @p\\d+ AND `RedeemedAt` IS NULL;"));
    }

    [Test]
    public async Task A_refund_locks_order_kami_and_account_in_the_order_of_a_payment()
    {
        var code = await BoughtKamiAsync();
        await _server.AdminAsync(HttpMethod.Post, $"users/{_uid}/redemptions", new { code });
        _gateway.Answer = (_, form) => Task.FromResult(ScriptedGateway.Signed(new Dictionary<string, string>
        {
            ["payjs_order_id"] = form["payjs_order_id"],
            ["return_code"] = "1",
            ["return_msg"] = "SUCCESS",
            ["refund"] = "1",
        }));
        var order = await _server.WithDbAsync(db => db.Orders.Select(o => o.Id).SingleAsync());
        var statements = await SentByAsync(async () =>
            Assert.That((await _server.AdminAsync(HttpMethod.Post, $"orders/{order}/refund", new { reason = "r" })).Status, Is.EqualTo(HttpStatusCode.OK)));
        // The first transaction records the refund request; the second takes back the goods.
        AssertSequence(statements, OrderById, "UPDATE `Orders` SET", OrderById, KamiOfOrder, Account);
        Assert.That(statements.Where(s => s.Contains("UPDATE `Orders` SET", StringComparison.Ordinal)), Is.All.Matches("WHERE `Id` = @p\\d+ AND `Status` = @p\\d+;"));
    }

    [Test]
    public async Task A_claim_is_an_update_of_what_was_read_as_due()
    {
        await OrderAsync("credit&credits=1&money=1");
        var statements = await SentByAsync(async () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(51));
            await Eventually.HoldsAsync(() => Task.FromResult(!_gateway.Questions.IsEmpty));
        });
        Assert.That(statements, Has.Some.Matches("UPDATE PendingChecks SET DueAt = \\d+[^W]*WHERE OrderId = \\d+ AND DueAt = \\d+"));
    }

    [Test]
    public async Task Settings_are_saved_over_the_version_they_are_based_on_alone()
    {
        var statements = await SentByAsync(() => _server.SaveSettingsAsync(new { timeRatio = 5 }));
        Assert.That(statements, Has.Some.Matches("UPDATE `Settings`[\\s\\S]*SET [\\s\\S]*`Version` = [^W]*`Version` \\+ 1[\\s\\S]*WHERE [^W]*`Version` = "));
    }

    [Test]
    public async Task A_poll_counts_and_reads_in_one_command_and_locks_no_order()
    {
        var (_, id) = await OrderAsync("credit&credits=1&money=1");
        await AdminSqlAsync("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = 1; TRUNCATE mysql.general_log");
        await _server.PluginAsync($"&action=payjs_check&payjs_order_id={id}&key=k12345");
        await AdminSqlAsync("SET GLOBAL general_log = 0");
        var statements = await _server.WithDbAsync(db => db.Database.SqlQueryRaw<string>(
            "SELECT CONVERT(argument USING utf8mb4) AS Value FROM mysql.general_log WHERE command_type = 'Query' AND thread_id IN "
            + "(SELECT thread_id FROM mysql.general_log WHERE argument LIKE '%UPDATE OrderChecks%') ORDER BY event_time").ToListAsync());
        Assert.That(statements, Has.Some.Matches("^SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION;[\\s\\S]*"
            + "UPDATE OrderChecks SET Count = Count \\+ 1 WHERE OrderId IN \\(\\d+\\);[\\s\\S]*FROM OrderChecks c JOIN Orders o [\\s\\S]*COMMIT$"));
        Assert.That(statements, Is.All.Not.Contains("FOR UPDATE"));
    }

    // EF compiles each new statement text for milliseconds and caches the result. A text that varies is compiled each time.
    [Test]
    public async Task What_is_done_again_is_not_compiled_again()
    {
        var token = (string)(await _server.AdminAsync(HttpMethod.Post, $"users/{_uid}/tokens", new { })).Body!["token"]!;
        for (var round = 1; round <= 3; round++)
        {
            _server.Log.Entries.Clear();
            await OrderAsync("credit&credits=1&money=1");
            var (number, id) = await OrderAsync("kamis&list_id=9");
            await _server.PluginAsync($"&action=payjs_check&payjs_order_id={id}&key=k12345");
            await _server.NotifyAsync(ScriptedGateway.Notice(number, id, 100));
            await _server.PluginAsync("&action=payjs_kamis_list&key=k12345");
            Assert.That((string)(await _server.PluginAsync($"&action=payjs_check_id&token={token}"))["result"]!, Is.EqualTo("OK"));
            await _server.AdminAsync(HttpMethod.Get, "orders");
            _gateway.Questions.Clear();
            _clock.Advance(TimeSpan.FromSeconds(51));
            await Eventually.HoldsAsync(() => Task.FromResult(!_gateway.Questions.IsEmpty));
            await Eventually.HoldsAsync(() => _server.WithDbAsync(db => db.PendingChecks.AllAsync(c => c.DueAt > _clock.GetUtcNow())));
        }
        Assert.That(_server.Log.Entries.Select(e => e.Text), Has.None.Contains("Compiling query expression"));
    }

    private async Task AdminSqlAsync(string sql)
    {
        await using var connection = new MySqlConnector.MySqlConnection(_database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new MySqlConnector.MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<(string Number, string GatewayOrderId)> OrderAsync(string action)
    {
        var placed = (await _server.PluginAsync($"&action=payjs_{action}&username=buyer&body=b&key=k12345"))["data"]!;
        return ((string)placed["out_trade_no"]!, (string)placed["payjs_order_id"]!);
    }

    private async Task<string> BoughtKamiAsync()
    {
        var (number, id) = await OrderAsync("kamis&list_id=9");
        await _server.NotifyAsync(ScriptedGateway.Notice(number, id, 100));
        return await _server.WithDbAsync(db => db.Kamis.Select(k => k.Code).SingleAsync());
    }

    private async Task<List<string>> SentByAsync(Func<Task> what)
    {
        _server.Log.Entries.Clear();
        await what();
        return [.. _server.Log.Entries.Select(e => e.Text).Where(t => t.Contains("Executed DbCommand", StringComparison.Ordinal))];
    }

    private static void AssertSequence(List<string> statements, params string[] parts)
    {
        var at = -1;
        foreach (var part in parts)
        {
            at = statements.FindIndex(at + 1, s => s.Contains(part, StringComparison.Ordinal));
            Assert.That(at, Is.Not.Negative, $"{part} in its place among:\n{string.Join('\n', statements)}");
        }
    }
}
