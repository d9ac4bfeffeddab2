using System.Data;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using MySqlConnector;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>A transaction that MariaDB rolled back runs again as a whole. One that may be committed does not.</summary>
[TestFixture]
internal sealed class RetryTests
{
    private Shop _shop = null!;

    [SetUp]
    public async Task OpenAsync() => _shop = await Shop.OpenAsync(DatabaseKind.MariaDb);

    [TearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [TestCase(1213, "40001")]
    [TestCase(1205, "HY000")]
    [TestCase(1047, "08S01")]
    public async Task A_transaction_that_the_database_ends_runs_once_more_as_a_whole(int error, string state)
    {
        // Aria has no transactions: the count survives the rollback.
        await RunAsync("CREATE TABLE Runs (N INT) ENGINE=Aria");
        await RunAsync("INSERT INTO Runs VALUES (0)");
        await RunAsync($"""
            CREATE TRIGGER EndOnce BEFORE INSERT ON LedgerEntries FOR EACH ROW BEGIN
                UPDATE Runs SET N = N + 1;
                IF (SELECT N FROM Runs) = 1 THEN SIGNAL SQLSTATE '{state}' SET MYSQL_ERRNO = {error}; END IF;
            END
            """);
        var placed = await _shop.BuyCreditsAsync();
        Assert.That((await _shop.Server.NotifyAsync(placed.Notice())).Status, Is.EqualTo(HttpStatusCode.OK));

        // More than twice if the notice timed out and was sent again.
        Assert.That(await ReadAsync("SELECT N AS Value FROM Runs"), Is.AtLeast(2));
        await AssertDeliveredOnceAsync(placed);
    }

    [Test]
    public async Task A_deadlock_of_two_transactions_ends_with_both_done()
    {
        var placed = await _shop.BuyCreditsAsync();
        await using var other = new MySqlConnection(_shop.Database.ConnectionString);
        await other.OpenAsync();
        // The other transaction holds the account and wants the order. The admin's confirmation, which settles like a notice but has more
        // time, holds the order and wants the account. The other has written more, so the confirmation is rolled back.
        await using var held = await other.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        await RunAsync(other, held, $"UPDATE UserAccounts SET Credits8 = Credits8 + 1 WHERE Uid = {_shop.Uid}");
        for (var i = 0; i < 20; i++)
            await RunAsync(other, held, $"INSERT INTO AccountTokens (Uid, Hash) VALUES ({_shop.Uid}, 'hash{i}')");
        var deadlocks = await ReadAsync(Deadlocks);
        var word = _shop.ConfirmAsync(placed);
        await Eventually.HoldsAsync(async () => await ReadAsync(Waiting) is not 0);
        await RunAsync(other, held, $"UPDATE Orders SET PaidLate = PaidLate WHERE Number = '{placed.Number}'");
        await held.CommitAsync();

        Assert.That(await word, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await ReadAsync(Deadlocks), Is.EqualTo(deadlocks + 1));
        await AssertDeliveredOnceAsync(placed);
    }

    [Test]
    public async Task A_connection_lost_in_the_middle_is_the_databases_matter_not_the_gateways()
    {
        var placed = await _shop.BuyCreditsAsync();
        await using var blocker = new MySqlConnection(_shop.Database.ConnectionString);
        await blocker.OpenAsync();
        await using var held = await blocker.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        await RunAsync(blocker, held, $"SELECT Uid FROM UserAccounts WHERE Uid = {_shop.Uid} FOR UPDATE");
        var notice = _shop.Server.NotifyAsync(placed.Notice());
        var waiting = 0;
        await Eventually.HoldsAsync(async () => (waiting = await ReadAsync(Waiting)) is not 0);
        await RunAsync($"KILL {waiting}");
        await held.RollbackAsync();

        Assert.That((await notice).Status, Is.EqualTo(HttpStatusCode.OK));
        await AssertDeliveredOnceAsync(placed);
    }

    [Test]
    public async Task Dead_connections_in_the_pool_are_no_callers_matter()
    {
        const int many = 12;
        var placed = new List<Shop.Placed>();
        while (placed.Count < many) placed.Add(await _shop.BuyCreditsAsync());
        await using var blocker = new MySqlConnection(_shop.Database.ConnectionString + ";Pooling=false");
        await blocker.OpenAsync();
        await using (var held = await blocker.BeginTransactionAsync(IsolationLevel.ReadCommitted))
        {
            // Each waiting confirmation has its own connection.
            await RunAsync(blocker, held, "SELECT Uid FROM UserAccounts FOR UPDATE");
            var words = placed.ConvertAll(_shop.ConfirmAsync);
            await Eventually.HoldsAsync(async () => await ReadAsync("SELECT CAST(COUNT(*) AS SIGNED) AS Value FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT * FROM UserAccounts%' AND DB = DATABASE()") == many);
            await held.RollbackAsync();
            await Task.WhenAll(words);
        }
        await using var list = new MySqlCommand("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()", blocker);
        var ids = new List<long>();
        await using (var reader = await list.ExecuteReaderAsync())
            while (await reader.ReadAsync()) ids.Add(reader.GetInt64(0));
        Assert.That(ids, Has.Count.GreaterThanOrEqualTo(many));
        foreach (var id in ids) await RunAsync(blocker, null, $"KILL {id}");

        Assert.That((string)(await _shop.CheckAsync(placed[0].GatewayOrderId))["status"]!, Is.EqualTo("2"));
    }

    [Test]
    public async Task A_commit_whose_outcome_is_unknown_is_not_made_again([Values] CommitNews news)
    {
        await using var proxy = new DatabaseProxy(_shop.Database);
        // Its clock stands still: there is no background work, so each commit belongs to a call.
        await using var server = TestServer.Start(proxy.Database, _shop.Gateway.Address, new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        var placed = await _shop.BuyCreditsAsync();
        var card = await _shop.BuyKamiAsync();
        Assert.That((await _shop.Server.NotifyAsync(card.Notice())).Status, Is.EqualTo(HttpStatusCode.OK));
        var code = (string)(await _shop.CheckAsync(card.GatewayOrderId))["kami"]!;

        proxy.FalsifyNextCommit(news);
        var order = await server.PluginAsync($"&action=payjs_credit&credits=2&money=1&username=buyer&body=b&key={Shop.TransportKey}");
        Assert.That((string)order["result"]!, Is.EqualTo("error0020"));
        Assert.That(await _shop.Server.WithDbAsync(db => db.Orders.CountAsync()), Is.EqualTo(3), "the order that may be stored is, and no second");

        proxy.FalsifyNextCommit(news);
        Assert.That((await server.NotifyOnceAsync(placed.Notice())).Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable), "nobody is told what is not known");
        Assert.That((await server.NotifyAsync(placed.Notice())).Status, Is.EqualTo(HttpStatusCode.OK));
        await AssertDeliveredOnceAsync(placed);

        proxy.FalsifyNextCommit(news);
        var (change, _) = await server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { addCredits = new[] { 0, 0, 0, 0, 0, 0, 0, 5 } });
        Assert.That(change, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That((await _shop.AccountAsync()).Credits8, Is.EqualTo(5));

        proxy.FalsifyNextCommit(news);
        var (redemption, _) = await server.AdminAsync(HttpMethod.Post, $"users/{_shop.Uid}/redemptions", new { code });
        Assert.That(redemption, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That((await _shop.AccountAsync()).Devices, Is.EqualTo(10));

        proxy.FalsifyNextCommit(news);
        var (login, _) = await server.AdminAsync(HttpMethod.Post, $"users/{_shop.Uid}/tokens", new { });
        Assert.That(login, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await _shop.Server.WithDbAsync(db => db.AccountTokens.CountAsync()), Is.EqualTo(1));

        Assert.That(proxy.Falsified, Is.EqualTo(5));
        Assert.That((bool)(await _shop.Server.AdminAsync(HttpMethod.Get, "audit")).Body!["sound"]!, Is.True);
    }

    private const string Deadlocks =
        "SELECT CAST(VARIABLE_VALUE AS SIGNED) AS Value FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'INNODB_DEADLOCKS'";

    /// <summary>The id of a connection that waits for an account, or 0.</summary>
    private const string Waiting =
        "SELECT CAST(COALESCE(MAX(ID), 0) AS SIGNED) AS Value FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID() AND INFO LIKE '%FROM UserAccounts%FOR UPDATE'";

    private async Task AssertDeliveredOnceAsync(Shop.Placed placed)
    {
        var order = await _shop.OrderAsync(placed.Number);
        Assert.That(order.Status, Is.EqualTo(OrderStatus.Fulfilled));
        Assert.That((await _shop.LedgerAsync()).Count(e => e.Key == $"order:{order.Id}" && e.Kind == LedgerKind.Credits2), Is.EqualTo(1));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
        Assert.That((await _shop.NotificationsAsync()).Count(n => n.OrderNumber == placed.Number), Is.EqualTo(1));
    }

    private Task<int> ReadAsync(string sql) => _shop.Server.WithDbAsync(db => db.Database.SqlQueryRaw<int>(sql).SingleAsync());

    private Task<int> RunAsync(string sql) => _shop.Server.WithDbAsync(db => db.Database.ExecuteSqlRawAsync(sql));

    private static async Task RunAsync(MySqlConnection connection, MySqlTransaction? transaction, string sql)
    {
        await using var command = new MySqlCommand(sql, connection, transaction);
        await command.ExecuteScalarAsync();
    }
}
