using System.Globalization;
using PayRecharge.Domain.Accounts;
using PayRecharge.IntegrationTests.Support;
using PayRecharge.Sandbox;

namespace PayRecharge.Benchmarks;

/// <summary>
/// Fills the database: first 20 paid orders each for some users, then the rest. The newest of the rest are queried, and every second
/// one of those waits for its payment. Order numbers and gateway ids derive from the row's id, so that nothing has to be read back.
/// </summary>
internal sealed class Seeding(Store store)
{
    public const int PaidEach = 20;

    private const long Chunk = 100_000;

    private long _accounts;

    /// <summary>The number of users with a token; each has <see cref="PaidEach"/> paid orders.</summary>
    public int TokenUsers { get; private set; }

    /// <summary>How many of the newest orders are queried.</summary>
    public long Newest { get; private set; }

    /// <summary>The id of the last seeded order; higher ids come from the load.</summary>
    public long Last { get; private set; }

    public static string TokenOf(long uid) => string.Create(CultureInfo.InvariantCulture, $"benchmark_token_of_user_{uid}");

    public static string NumberOf(long id) => string.Create(CultureInfo.InvariantCulture, $"19990101{100_000_000_000 + id}");

    public static string GatewayIdOf(long id) => string.Create(CultureInfo.InvariantCulture, $"1999010100{100_000_000_000_000 + id}");

    public async Task FillAsync(long orders)
    {
        (TokenUsers, _accounts, Newest) = ((int)Math.Min(200, orders / 40), Math.Max(1000, orders / 20), Math.Min(10_000, orders / 2));
        if (!store.IsSqlite) await store.ExecuteAsync("SET SESSION unique_checks = 0, foreign_key_checks = 0");
        await store.ExecuteAsync($"""
            INSERT INTO UserAccounts (Uid, UserName, UserNameKey, Enabled, CardTimeExpiry, Devices,
                Credits1, Credits2, Credits3, Credits4, Credits5, Credits6, Credits7, Credits8, CreatedAt)
            SELECT seq, CONCAT('user', seq), CONCAT('USER', seq), 1, {Now / 1000}, 1, 0, 0, 0, 0, 0, 0, 0, 0, {Now} FROM {Numbers(_accounts)}
            """);
        var tokens = Enumerable.Range(1, TokenUsers).Select(uid => $"({uid}, '{AccountToken.HashOf(TokenOf(uid))}')");
        await store.ExecuteAsync($"INSERT INTO AccountTokens (Uid, Hash) VALUES {string.Join(',', tokens)}");

        // A nightly audit would disturb the measurement. Nights are in the site's time zone, by default China's.
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(8));
        foreach (var night in new[] { today, today.AddDays(1) })
            await store.ExecuteAsync($"INSERT INTO NightlyAudits (Night, BeganAt, Report) VALUES ('{night:yyyy-MM-dd}', {Now}, '{{}}')");

        var listed = TokenUsers * PaidEach;
        Last = listed + orders;
        await AddAsync(1, listed, $"1 + id % {TokenUsers}", "2", "id % 3 + 1");
        await AddAsync(listed + 1, orders, $"{TokenUsers + 1} + id % {_accounts - TokenUsers}",
            $"CASE WHEN id > {Last - Newest} THEN 2 - id % 2 WHEN id % 5 = 0 THEN 3 ELSE 2 END", "id % 3 + 1");
        await SettleAsync();
    }

    /// <summary>Adds unpaid orders for credits.</summary>
    /// <returns>The id of the first order.</returns>
    public async Task<long> AddPendingAsync(long count)
    {
        var first = await store.NumberAsync("SELECT MAX(Id) FROM Orders") + 1;
        await AddAsync(first, count, $"{TokenUsers + 1} + id % {_accounts - TokenUsers}", "1", "1");
        return first;
    }

    /// <summary>Adds a user with a token and paid orders.</summary>
    /// <returns>The user's id.</returns>
    public async Task<long> AddReaderAsync(long orders)
    {
        var uid = _accounts + 1;
        await store.ExecuteAsync($"""
            INSERT INTO UserAccounts (Uid, UserName, UserNameKey, Enabled, CardTimeExpiry, Devices,
                Credits1, Credits2, Credits3, Credits4, Credits5, Credits6, Credits7, Credits8, CreatedAt)
            VALUES ({uid}, 'reader', 'READER', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, {Now});
            INSERT INTO AccountTokens (Uid, Hash) VALUES ({uid}, '{AccountToken.HashOf(TokenOf(uid))}')
            """);
        await AddAsync(await store.NumberAsync("SELECT MAX(Id) FROM Orders") + 1, orders, $"{uid}", "2", "id % 3 + 1");
        await SettleAsync();
        return uid;
    }

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task AddAsync(long first, long count, string uid, string status, string kind)
    {
        var now = Now;
        for (var (from, end) = (first, first + count); from < end; from += Chunk)
        {
            var size = Math.Min(Chunk, end - from);
            await store.ExecuteAsync($"""
                BEGIN;
                INSERT INTO Orders (Id, Number, MerchantId, Mode, Uid, AmountFen, Title, Attach, Channel, Status, GatewayOrderId, TransactionId,
                    CreatedAt, PaidAt, FulfilledAt, PaidLate, Purchase_Kind, Purchase_CreditType, Purchase_Credits, Purchase_TradeCredits,
                    Purchase_Seconds, Purchase_Devices, Purchase_CardRuleId)
                SELECT id, CONCAT('19990101', 100000000000 + id), '{SandboxGateway.MerchantId}', 0, uid, 100, '充值', 'benchmark', 0, status,
                    CONCAT('1999010100', 100000000000000 + id), CASE WHEN status = 2 THEN CONCAT('4200000000', 100000000000000 + id) END,
                    at, CASE WHEN status = 2 THEN at + 20000 END, CASE WHEN status = 2 THEN at + 20000 END, 0,
                    kind, CASE WHEN kind = 1 THEN 1 ELSE 0 END, 10, 0, 3600, 0, CASE WHEN kind = 3 THEN 1 ELSE 0 END
                FROM (SELECT id, {uid} AS uid, {status} AS status, {kind} AS kind, {now} - ({end} - id) * 1000 AS at
                    FROM (SELECT {from - 1} + seq AS id FROM {Numbers(size)}) AS ids) AS made;
                INSERT INTO OrderChecks (OrderId, Count) SELECT Id, 3 FROM Orders WHERE Id BETWEEN {from} AND {from + size - 1};
                INSERT INTO PendingChecks (OrderId, DueAt)
                SELECT Id, {now + 3_600_000} FROM Orders WHERE Id BETWEEN {from} AND {from + size - 1} AND Status = 1;
                INSERT INTO Kamis (Code, OrderId, Credits, TradeCredits, Seconds, Devices, CreatedAt)
                SELECT {Hex(32)}, Id, 10, 0, 3600, 1, CreatedAt FROM Orders WHERE Id BETWEEN {from} AND {from + size - 1} AND Status = 2 AND Purchase_Kind = 3;
                INSERT INTO LedgerEntries (Uid, `Key`, Kind, Delta, `Before`, `After`, `At`)
                SELECT Uid, CONCAT('order:', Id), CASE Purchase_Kind WHEN 1 THEN 1 WHEN 2 THEN 9 ELSE 11 END, 10, 0, 10, FulfilledAt
                FROM Orders WHERE Id BETWEEN {from} AND {from + size - 1} AND Status = 2;
                INSERT INTO Notifications (Source, ContentHash, Signed, OrderNumber, Content, RemoteAddress, AmountFen, PaidAt, ReceivedAt)
                SELECT 1, {Hex(64)}, 1, Number, CONCAT('attach=benchmark&mchid={SandboxGateway.MerchantId}&openid=oBenchmark0000000000000000&out_trade_no=', Number,
                    '&payjs_order_id=', GatewayOrderId, '&return_code=1&time_end=1999-01-01+00%3A00%3A00&total_fee=100&transaction_id=', TransactionId,
                    '&sign=00000000000000000000000000000000'), '127.0.0.1', AmountFen, PaidAt, FulfilledAt
                FROM Orders WHERE Id BETWEEN {from} AND {from + size - 1} AND Status = 2;
                COMMIT
                """);
        }
    }

    private string Numbers(long count) => store.IsSqlite
        ? $"(WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < {count}) SELECT seq FROM n)"
        : $"seq_1_to_{count}";

    // As random as real values, so that the indexes are as scattered.
    private string Hex(int digits) => store.IsSqlite ? $"HEX(RANDOMBLOB({digits / 2}))" : digits == 64 ? "UPPER(SHA2(Id, 256))" : "UPPER(MD5(Id))";

    /// <summary>Makes the database write its dirty pages now, not during a measurement.</summary>
    public async Task SettleAsync()
    {
        if (store.IsSqlite)
        {
            await store.ExecuteAsync("PRAGMA wal_checkpoint(TRUNCATE)");
            return;
        }
        await store.ExecuteAsync("ANALYZE TABLE Orders, OrderChecks, PendingChecks, Kamis, LedgerEntries, Notifications, UserAccounts");
        await store.ExecuteAsync("SET GLOBAL innodb_max_dirty_pages_pct = 0, innodb_io_capacity_max = 20000, innodb_io_capacity = 20000");
        await Eventually.HoldsAsync(async () => await store.StatusAsync("Innodb_buffer_pool_pages_dirty") < 200, TimeSpan.FromMinutes(10));
        await store.ExecuteAsync("SET GLOBAL innodb_max_dirty_pages_pct = 90, innodb_io_capacity = 200, innodb_io_capacity_max = 2000");
    }
}
