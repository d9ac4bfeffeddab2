using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>
/// Database work that callers can cause without a key, or with the key that all clients share, costs no more after years than on the
/// first day. The statements are captured at the database, so new ones are included.
/// </summary>
[TestFixture]
internal sealed class PlanTests
{
    private const int History = 100_000;

    /// <summary>The tables that grow with sales.</summary>
    private const string Large = "Orders|OrderChecks|PendingChecks|Kamis|UserAccounts|AccountTokens|LedgerEntries|Notifications";

    // {0}: a table with the history's numbers in seq; {1}: the time in ten minutes.
    private static readonly string[] OldRows =
    [
        """
        INSERT INTO Orders (Number, MerchantId, Mode, Uid, AmountFen, Title, Attach, Channel, Status, GatewayOrderId, CreatedAt, PaidAt, PaidLate,
            Purchase_CardRuleId, Purchase_CreditType, Purchase_Credits, Purchase_Devices, Purchase_Kind, Purchase_Seconds, Purchase_TradeCredits)
        SELECT CONCAT('old', seq), '1500000001', 0, 1000 + seq, 100, '', '', 0, 2, CONCAT('old', seq), seq, seq, 0, 0, 2, 10, 0, 1, 0, 0 FROM {0}
        """,
        "INSERT INTO OrderChecks (OrderId, Count) SELECT Id, 0 FROM Orders",
        "INSERT INTO PendingChecks (OrderId, DueAt, AskedAt, Uid, Caller) SELECT Id, {1} + Id % 1000, Id, Uid, CONCAT('caller', Id) FROM Orders",
        "INSERT INTO Kamis (Code, OrderId, Credits, TradeCredits, Seconds, Devices, CreatedAt) SELECT CONCAT('OLD', Id), Id, 1, 1, 1, 1, 1 FROM Orders",
        """
        INSERT INTO UserAccounts (Uid, UserName, UserNameKey, Email, EmailKey, Enabled, CardTimeExpiry, Devices, Credits1, Credits2, Credits3, Credits4, Credits5, Credits6, Credits7, Credits8, CreatedAt)
        SELECT 1000 + seq, CONCAT('old', seq), CONCAT('OLD', seq), CONCAT('old', seq), CONCAT('OLD', seq), 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 FROM {0}
        """,
        "INSERT INTO AccountTokens (Uid, Hash) SELECT 1000 + seq, CONCAT('old', seq) FROM {0}",
        "INSERT INTO LedgerEntries (Uid, `Key`, Kind, Delta, `Before`, `After`, At) SELECT 1000 + seq, CONCAT('old:', seq), 2, 10, 0, 10, 1 FROM {0}",
        "INSERT INTO Notifications (Source, ContentHash, Signed, OrderNumber, Content, ReceivedAt) SELECT 0, CONCAT('old', seq), seq % 100 > 0, CONCAT('old', seq), '', 1 FROM {0}",
    ];

    [Test]
    public async Task On_SQLite_no_statement_of_an_outsiders_scans_a_large_table()
    {
        await using var database = await Database.CreateAsync(DatabaseKind.Sqlite);
        await Setup.RunAsync(database);
        await using var connection = new SqliteConnection(database.ConnectionString);
        await connection.OpenAsync();
        foreach (var rows in OldRows)
        {
            var numbers = rows.Contains("{0}", StringComparison.Ordinal) ? $"WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < {History}) " : "";
            await using var insert = new SqliteCommand(numbers + Fill(rows, "n"), connection);
            await insert.ExecuteNonQueryAsync();
        }
        using var statements = new SqliteStatements(database);
        await VisitAsync(database);

        var seen = statements.Seen.Where(s => Regex.IsMatch(s, @"^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)")).Distinct().ToList();
        Assert.That(seen, Has.Count.GreaterThan(40));
        foreach (var statement in seen)
        {
            var plan = new List<string>();
            await using var explain = new SqliteCommand("EXPLAIN QUERY PLAN " + statement, connection);
            await using var reader = await explain.ExecuteReaderAsync();
            while (await reader.ReadAsync()) plan.Add(reader.GetString(3));
            // A plan names a table by its alias.
            var large = Regex.Matches(statement, $"""(FROM|JOIN|UPDATE|INTO)\s+"?({Large})"?(\s+(AS\s+)?"?(?!SET|WHERE|ON|JOIN|LEFT|ORDER)(\w+))?""")
                .SelectMany(m => new[] { m.Groups[2].Value, m.Groups[5].Value }).Where(n => n.Length > 0).ToHashSet();
            Assert.That(plan.Where(step => Regex.Match(step, @"^SCAN (\w+)") is { Success: true } scan && large.Contains(scan.Groups[1].Value)), Is.Empty, statement);
        }
    }

    [Test]
    public async Task On_MariaDB_no_statement_of_an_outsiders_reads_more_than_a_few_rows()
    {
        await using var server = await MariaDbServer.StartAsync();
        await using var database = await Database.CreateOnAsync(server);
        await Setup.RunAsync(database);
        foreach (var rows in OldRows) await Setup.QueryAsync(database, Fill(rows, "seq_1_to_" + History.ToString(CultureInfo.InvariantCulture)));
        await Setup.QueryAsync(database, "ANALYZE TABLE " + Large.Replace('|', ','));
        await Setup.QueryAsync(database, "SET GLOBAL log_output = 'TABLE'; SET GLOBAL long_query_time = 0; SET GLOBAL log_slow_min_examined_row_limit = 0; SET GLOBAL slow_query_log = 1");
        await VisitAsync(database);
        await Setup.QueryAsync(database, "SET GLOBAL slow_query_log = 0");

        const string ours = "FROM mysql.slow_log WHERE db = DATABASE() AND sql_text NOT LIKE '%information_schema%'";
        Assert.That(int.Parse((await Setup.QueryAsync(database, "SELECT COUNT(DISTINCT sql_text) " + ours))[0], CultureInfo.InvariantCulture), Is.GreaterThan(40));
        // Trimming scans the kept unsigned notices, at most 10,000; it runs once per 64 of them.
        Assert.That(await Setup.QueryAsync(database, $"SELECT rows_examined, sql_text {ours} AND rows_examined > 100 AND sql_text NOT LIKE '%Signed = 0 ORDER BY Id DESC LIMIT 1 OFFSET%'"), Is.Empty);
    }

    [TestCase(DatabaseKind.Sqlite)]
    [TestCase(DatabaseKind.MariaDb)]
    public async Task Unsigned_notices_are_trimmed_once_in_a_while(DatabaseKind kind)
    {
        await using var shop = await Shop.OpenAsync(kind, null, ("Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command", "Information"));
        for (var i = 0; i < 10; i++)
            await shop.Server.NotifyAsync(new Dictionary<string, string> { ["n"] = i.ToString(CultureInfo.InvariantCulture) });
        Assert.That(await shop.NotificationsAsync(), Has.Count.EqualTo(10));
        Assert.That(shop.Server.Log.Entries.Count(e => e.Text.Contains("Signed = 0 ORDER BY", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    private static string Fill(string rows, string numbers) => rows.Replace("{0}", numbers, StringComparison.Ordinal)
        .Replace("{1}", TimeProvider.System.GetUtcNow().AddMinutes(10).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>Every call that is possible from outside, valid and invalid, and the background work that follows.</summary>
    private static async Task VisitAsync(Database database)
    {
        await using var shop = await Shop.OpenAsync(database);
        var (server, key) = (shop.Server, "&key=" + Shop.TransportKey);
        var bought = new[] { await shop.BuyCreditsAsync(), await shop.BuyCardTimeAsync(), await shop.BuyKamiAsync() };
        foreach (var user in new[] { "old5", "nobody", "1005&isuid=1", "old5&isuid=2", "nobody@example.com&isuid=2" })
            await server.PluginAsync($"&action=payjs_credit&credits=2&money=1&body=b&username={user}{key}");
        await server.PluginAsync("&action=payjs_kamis_list" + key);
        await server.PluginAsync($"&action=payjs_check&payjs_order_id={bought[0].GatewayOrderId}&wait=1{key}");
        await server.PluginAsync("&action=payjs_check&payjs_order_id=unknown" + key);
        await Task.WhenAll(Enumerable.Range(1, 20).Select(i => server.PluginAsync($"&action=payjs_check&payjs_order_id=old{i}{key}")));

        foreach (var placed in bought)
        {
            foreach (var notice in new[] { placed.Notice(key: "wrong"), placed.Notice(), placed.Notice(), placed.Notice(key: "wrong") })
                await server.NotifyAsync(notice);
        }
        await server.NotifyAsync(new Dictionary<string, string> { ["a"] = "b" });
        await server.NotifyAsync(ScriptedGateway.Notice("unknown", "unknown", 100));
        // A notice with another amount, and the reply that each buyer sees, posted back.
        var open = await shop.BuyCreditsAsync("2");
        await server.NotifyAsync(ScriptedGateway.Notice(open.Number, open.GatewayOrderId, 100));
        await server.NotifyAsync(open.Reply.AsObject().ToDictionary(f => f.Key, f => f.Value!.ToString()));
        // An order whose reply was lost is still paid.
        var answer = shop.Gateway.Answer;
        shop.Gateway.Answer = (_, _) => Task.FromResult("lost");
        await server.PluginAsync("&action=payjs_credit&credits=2&money=3&body=b&username=buyer" + key);
        shop.Gateway.Answer = (call, form) => call == "check" ? Task.FromResult("lost") : answer(call, form);
        var lost = await server.WithDbAsync(db => db.Orders.Where(o => o.GatewayOrderId == null).Select(o => o.Number).ToListAsync());
        await server.NotifyAsync(ScriptedGateway.Notice(lost[0], "2021050718271700671200001", 300));

        var (_, issued) = await server.AdminAsync(HttpMethod.Post, $"users/{shop.Uid}/tokens", new { });
        foreach (var list in new[] { (string)issued!["token"]!, "nobodys", issued["token"] + "&page=2&perpage=2" }) await server.PluginAsync("&action=payjs_check_id&token=" + list);
        foreach (var health in new[] { "live", "ready" })
        {
            using var response = await server.Http.GetAsync("/health/" + health);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        // The check of the last order becomes due.
        var id = (await shop.OrderAsync(open.Number)).Id;
        await server.WithDbAsync(db => db.PendingChecks.Where(c => c.OrderId == id).ExecuteUpdateAsync(c => c.SetProperty(x => x.DueAt, DateTimeOffset.UnixEpoch)));
        await Eventually.HoldsAsync(() => Task.FromResult(!shop.Gateway.Questions.IsEmpty));
    }

    /// <summary>The statements that this process sends to one SQLite database, with values. Hand-written ones bypass EF.</summary>
    private sealed class SqliteStatements : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly ConcurrentBag<IDisposable> _subscriptions = [];
        private readonly string _file;

        public SqliteStatements(Database database)
        {
            _file = new SqliteConnectionStringBuilder(database.ConnectionString).DataSource;
            _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
        }

        public ConcurrentQueue<string> Seen { get; } = new();

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == DbLoggerCategory.Name) _subscriptions.Add(value.Subscribe(this));
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Key == RelationalEventId.ConnectionOpened.Name && value.Value is ConnectionEndEventData { Connection: SqliteConnection connection } && connection.DataSource == _file)
                SQLitePCL.raw.sqlite3_trace(connection.Handle, (_, statement) => Seen.Enqueue(statement), null);
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose()
        {
            foreach (var subscription in _subscriptions) subscription.Dispose();
        }
    }
}
