using System.Text.RegularExpressions;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>A MariaDB with unsuitable defaults: all works on it, or the start is refused with the statements that fix it.</summary>
[TestFixture]
internal sealed class HostileDatabaseTests
{
    private MariaDbServer _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await MariaDbServer.StartAsync(
        "--default-storage-engine=MyISAM", "--innodb-default-row-format=compact", "--character-set-server=latin1", "--collation-server=latin1_swedish_ci",
        "--skip-character-set-client-handshake", "--sql-mode=STRICT_TRANS_TABLES", "--innodb-strict-mode=OFF", "--lower-case-table-names=1", "--transaction-isolation=REPEATABLE-READ",
        "--log-bin", "--sync-binlog=0", "--innodb-rollback-on-timeout");

    [OneTimeTearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [Test]
    public async Task Everything_is_sold_and_delivered_as_on_any_other()
    {
        await using var shop = await Shop.OpenAsync(await DatabaseAsync());
        var bought = new[] { await shop.BuyCreditsAsync(attach: "备注 🎈"), await shop.BuyCardTimeAsync(), await shop.BuyKamiAsync() };
        foreach (var placed in bought)
        {
            Assert.That((await shop.Server.NotifyAsync(placed.Notice(attach: placed == bought[0] ? "备注 🎈" : null))).Text, Is.EqualTo("success"));
            Assert.That((string)(await shop.CheckAsync(placed.GatewayOrderId))["status"]!, Is.EqualTo("2"));
        }
        Assert.That((await shop.OrderAsync(bought[0].Number)).Attach, Is.EqualTo("备注 🎈"));
        Assert.That((await shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
        var (_, issued) = await shop.Server.AdminAsync(HttpMethod.Post, $"users/{shop.Uid}/tokens", new { });
        Assert.That((int)(await shop.Server.PluginAsync("&action=payjs_check_id&token=" + (string)issued!["token"]!))["count"]!, Is.EqualTo(3));
        Assert.That((bool)(await shop.Server.AdminAsync(HttpMethod.Get, "audit")).Body!["sound"]!);
        Assert.That(shop.Server.Log.Entries.Select(e => e.Text), Has.Some.Contains("sync_binlog is not 1"));
    }

    [Test]
    public async Task A_payment_whose_transaction_it_has_undone_is_no_success()
    {
        await using var shop = await Shop.OpenAsync(await DatabaseAsync());
        var placed = await shop.BuyCreditsAsync();
        await using (var blocker = new MySqlConnector.MySqlConnection(shop.Database.ConnectionString))
        {
            await blocker.OpenAsync();
            await using var held = await blocker.BeginTransactionAsync();
            await using var locking = new MySqlConnector.MySqlCommand("SELECT OrderId FROM PendingChecks FOR UPDATE", blocker, held);
            await locking.ExecuteScalarAsync();
            Assert.That((await shop.Server.NotifyOnceAsync(placed.Notice())).Text, Is.Not.EqualTo("success"));
            Assert.That((await shop.AccountAsync()).Credits2, Is.Zero);
        }
        Assert.That((await shop.Server.NotifyAsync(placed.Notice())).Text, Is.EqualTo("success"));
        Assert.That((await shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
    }

    [Test]
    public async Task Its_tables_are_those_of_any_other()
    {
        await using var database = await DatabaseAsync();
        await using var ordinary = await Database.CreateAsync(DatabaseKind.MariaDb);
        await Setup.RunAsync(database);
        await Setup.RunAsync(ordinary);
        var schema = await Setup.SchemaAsync(database);
        Assert.That(schema, Is.EqualTo(await Setup.SchemaAsync(ordinary)));
        Assert.That(schema, Has.Some.EqualTo("ledgerentries|InnoDB|Dynamic|utf8mb4_bin"));
    }

    [TestCase("sql_mode = ''", "sql_mode is not strict")]
    [TestCase("read_only = 1", "is read-only")]
    [TestCase("autocommit = 0", "autocommit off")]
    [TestCase("TRANSACTION ISOLATION LEVEL READ UNCOMMITTED", "shows what is not committed")]
    [TestCase("TRANSACTION READ ONLY", "is read-only")]
    [TestCase("binlog_format = 'STATEMENT'", "logs statements")]
    [TestCase("max_allowed_packet = 524288", "less than 1 MiB")]
    public async Task What_would_lose_or_cut_something_is_refused(string setting, string reason)
    {
        await using var database = await DatabaseAsync();
        await Setup.QueryAsync(database, "SET GLOBAL " + setting);
        try
        {
            var refusal = await RefusalAsync(database);
            Assert.That(refusal, Does.Contain(reason));
            Assert.That(await Setup.QueryAsync(database, "SHOW TABLES"), Is.Empty, "nothing is made on a server that will not do");
            if (setting != "TRANSACTION READ ONLY") await MendAsync(database, refusal);
        }
        finally
        {
            await Setup.QueryAsync(database, "SET GLOBAL TRANSACTION READ WRITE");
        }
        await Setup.RunAsync(database);
    }

    [TestCase("10.5.29-MariaDB")]
    [TestCase("8.0.20")]
    public async Task A_server_that_is_too_old_is_refused(string version)
    {
        await using var old = await MariaDbServer.StartAsync("--version=" + version);
        await using var database = await Database.CreateOnAsync(old);
        Assert.That(async () => await Setup.RunAsync(database), Throws.InvalidOperationException.With.Message.Contains(version).And.Message.Contains("10.6"));
    }

    [Test]
    public async Task A_table_that_is_not_as_it_was_defined_is_refused_and_mended_by_what_the_refusal_says()
    {
        await using var database = await Database.CreateAsync(DatabaseKind.MariaDb);
        await Setup.RunAsync(database);
        var schema = await Setup.SchemaAsync(database);
        // As created by an old host. MyISAM also has no foreign keys.
        await Setup.QueryAsync(database, """
            ALTER TABLE Kamis DROP FOREIGN KEY FK_Kamis_Orders_OrderId;
            ALTER TABLE Kamis ENGINE=MyISAM;
            ALTER TABLE OrderChecks DROP FOREIGN KEY FK_OrderChecks_Orders_OrderId;
            ALTER TABLE OrderChecks ENGINE=MyISAM;
            ALTER TABLE PendingChecks DROP FOREIGN KEY FK_PendingChecks_Orders_OrderId;
            ALTER TABLE PendingChecks ENGINE=MyISAM;
            ALTER TABLE Orders ENGINE=MyISAM;
            ALTER TABLE LedgerEntries ENGINE=Aria;
            ALTER TABLE AccountTokens ROW_FORMAT=COMPACT;
            ALTER TABLE UserAccounts CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
            ALTER TABLE AdminChanges MODIFY Subject varchar(128) CHARACTER SET latin1 NOT NULL
            """);
        var refusal = await RefusalAsync(database);
        foreach (var table in new[] { "Kamis", "OrderChecks", "PendingChecks", "Orders", "LedgerEntries", "AccountTokens", "UserAccounts", "AdminChanges" })
            Assert.That(refusal, Does.Contain($"The table {table} is not as it was defined"));
        Assert.That(Regex.Count(refusal, "ALTER TABLE"), Is.EqualTo(8));
        await MendAsync(database, refusal);
        await Setup.RunAsync(database);
        Assert.That(await Setup.SchemaAsync(database), Is.EqualTo(schema));
    }

    private Task<Database> DatabaseAsync() => Database.CreateOnAsync(_server, "latin1");

    private static async Task<string> RefusalAsync(Database database) =>
        (await Assert.ThrowsAsync<InvalidOperationException>(() => Setup.RunAsync(database)))!.Message;

    private static async Task MendAsync(Database database, string refusal)
    {
        foreach (Match statement in Regex.Matches(refusal, "(ALTER TABLE|SET GLOBAL) [^;]*;")) await Setup.QueryAsync(database, statement.Value);
    }
}
