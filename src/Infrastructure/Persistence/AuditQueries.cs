using System.Data;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Application.Accounts;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>The rules that must always hold, each as a query for the rows that break it.</summary>
internal sealed class AuditQueries(RechargeDbContext db) : IAuditQueries
{
    /// <summary>Every row is read more than once, which takes minutes for millions of rows.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public async Task<(IReadOnlyList<Violation> Violations, IReadOnlyList<DayTotals> Days)> FindViolationsAsync(
        int mostPerRule, int days, CancellationToken cancellationToken)
    {
        db.Database.SetCommandTimeout(Patience);
        try
        {
            return await db.Database.CreateExecutionStrategy().ExecuteAsync(async cancel =>
            {
                // A snapshot: a commit during the audit would look incomplete.
                await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
                var found = new List<Violation>();
                foreach (var (rule, rows) in Rules())
                    found.AddRange((await rows.Take(mostPerRule).ToListAsync(cancel)).Select(row => new Violation(rule, row)));
                var totals = (await db.Database.SqlQueryRaw<DaySums>(DaysSql).OrderByDescending(d => d.Day).ToListAsync(cancel))
                    .ConvertAll(d => new DayTotals(
                        DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(d.Day).UtcDateTime), d.Orders, d.OrderFen, d.ReportedFen));
                found.AddRange(totals.Where(d => d.OrderFen != d.ReportedFen).Take(mostPerRule).Select(d => new Violation(
                    "On each day, what was reported paid is what the paid orders cost.",
                    string.Create(CultureInfo.InvariantCulture, $"{d.Day:yyyy-MM-dd}: {d.ReportedFen} fen reported, {d.OrderFen} fen of orders"))));
                return (found, totals[..Math.Min(totals.Count, days)]);
            }, cancellationToken);
        }
        finally
        {
            // The context returns to its pool.
            db.Database.SetCommandTimeout((int?)null);
        }
    }

    // Rows are looked up by the number in a ledger key: comparing only keys would compare every row with every entry.
    private IEnumerable<(string Rule, IQueryable<string> Rows)> Rules()
    {
        var entries = db.LedgerEntries.AsNoTracking();
        var orders = db.Orders.AsNoTracking();
        var delivered = orders.Where(o => o.Status == OrderStatus.Fulfilled || (o.Status == OrderStatus.Refunded && o.FulfilledAt != null));

        yield return ("A fulfilled order has exactly one ledger entry.",
            from o in delivered
            where entries.Count(e => e.Key == "order:" + o.Id) != 1
            orderby o.Id
            select "order " + o.Number);

        yield return ("A ledger entry of an order belongs to a fulfilled order and to its buyer.",
            from e in entries
            where e.Key.StartsWith("order:")
                && !delivered.Any(o => o.Id == (long)(object)e.Key.Substring("order:".Length) && "order:" + o.Id == e.Key && o.Uid == e.Uid)
            orderby e.Id
            select "ledger entry " + e.Id + " (" + e.Key + ")");

        yield return ("What was taken back belongs to a refunded order and to its buyer.",
            from e in entries
            where e.Key.StartsWith("refund:")
                && !orders.Any(o => o.Id == (long)(object)e.Key.Substring("refund:".Length) && "refund:" + o.Id == e.Key && o.Status == OrderStatus.Refunded && o.Uid == e.Uid)
            orderby e.Id
            select "ledger entry " + e.Id + " (" + e.Key + ")");

        yield return ("An entry's delta is what lies between before and after.",
            from e in entries where e.After - e.Before != e.Delta orderby e.Id select "ledger entry " + e.Id);

        yield return ("Within an account and kind, each entry begins where the one before ended, and the first at 0.",
            from id in db.Database.SqlQueryRaw<long>(GapsSql) orderby id select "ledger entry " + id);

        foreach (var kind in Enum.GetValues<LedgerKind>().Where(k => k != LedgerKind.Kami))
            yield return ($"An account's {kind} is what its ledger ends with.",
                from b in BalancesOf(kind)
                where b.Value != (entries.Where(e => e.Uid == b.Uid && e.Kind == kind)
                    .OrderByDescending(e => e.Id).Select(e => (long?)e.After).FirstOrDefault() ?? 0)
                orderby b.Uid
                select "account " + b.Uid);

        yield return ("A kami belongs to a fulfilled order for one.",
            from k in db.Kamis
            where !delivered.Any(o => o.Id == k.OrderId && o.Purchase.Kind == PurchaseKind.Kami)
            orderby k.Id
            select "kami " + k.Id);

        yield return ("A fulfilled order for a kami has one.",
            from o in delivered
            where o.Purchase.Kind == PurchaseKind.Kami && !db.Kamis.Any(k => k.OrderId == o.Id)
            orderby o.Id
            select "order " + o.Number);

        yield return ("The kami of a refunded order is void, unless it was redeemed before.",
            from k in db.Kamis
            where (k.RedeemedAt == null && k.VoidedAt == null && orders.Any(o => o.Id == k.OrderId && o.Status == OrderStatus.Refunded))
                || (k.VoidedAt != null && !orders.Any(o => o.Id == k.OrderId && (o.Status == OrderStatus.Refunded || o.RefundRequestedAt != null)))
            orderby k.Id
            select "kami " + k.Id);

        yield return ("What a kami gave is in the ledger of the one who redeemed it.",
            from e in entries
            where e.Key.StartsWith("kami:")
                && !db.Kamis.Any(k => k.Id == (long)(object)e.Key.Substring("kami:".Length) && "kami:" + k.Id == e.Key && k.RedeemedBy == e.Uid)
            orderby e.Id
            select "ledger entry " + e.Id + " (" + e.Key + ")");

        yield return ("A redeemed kami that carries anything has given it.",
            from k in db.Kamis
            where k.RedeemedAt != null && k.Credits + k.TradeCredits + k.Seconds + k.Devices > 0 && !entries.Any(e => e.Key == "kami:" + k.Id)
            orderby k.Id
            select "kami " + k.Id);

        yield return ("A paid order has evidence: a message of the gateway that is not in quarantine.",
            from o in orders
            where (o.Status == OrderStatus.Fulfilled || o.Status == OrderStatus.NeedsAttention || o.Status == OrderStatus.Refunded)
                && db.Notifications.Count(n => n.OrderNumber == o.Number && n.Signed && n.QuarantineReason == null && n.AmountFen == o.AmountFen) != 1
            orderby o.Id
            select "order " + o.Number);

        yield return ("What is paid and could not be delivered is tried again.",
            from o in orders
            where o.Status == OrderStatus.NeedsAttention && o.RefundRequestedAt == null && !db.PendingChecks.Any(c => c.OrderId == o.Id)
            orderby o.Id
            select "order " + o.Number);
    }

    private IQueryable<Balance> BalancesOf(LedgerKind kind)
    {
        var accounts = db.UserAccounts.AsNoTracking();
        return kind switch
        {
            LedgerKind.Credits1 => accounts.Select(a => new Balance { Uid = a.Uid, Value = a.Credits1 }),
            LedgerKind.Credits2 => accounts.Select(a => new Balance { Uid = a.Uid, Value = a.Credits2 }),
            LedgerKind.Credits3 => accounts.Select(a => new Balance { Uid = a.Uid, Value = a.Credits3 }),
            LedgerKind.Credits4 => accounts.Select(a => new Balance { Uid = a.Uid, Value = a.Credits4 }),
            LedgerKind.Credits5 => accounts.Select(a => new Balance { Uid = a.Uid, Value = a.Credits5 }),
            LedgerKind.Credits6 => accounts.Select(a => new Balance { Uid = a.Uid, Value = a.Credits6 }),
            LedgerKind.Credits7 => accounts.Select(a => new Balance { Uid = a.Uid, Value = a.Credits7 }),
            LedgerKind.Credits8 => accounts.Select(a => new Balance { Uid = a.Uid, Value = a.Credits8 }),
            LedgerKind.Devices => accounts.Select(a => new Balance { Uid = a.Uid, Value = a.Devices }),
            _ => accounts.Select(a => new Balance { Uid = a.Uid, Value = a.CardTimeExpiry }),
        };
    }

    // LINQ has no window functions, and comparing an account's entries with each other takes quadratic time. 11 is Kami.
    private const string GapsSql = """
        SELECT Id AS Value FROM (
            SELECT Id, `Before`, COALESCE(LAG(`After`) OVER (PARTITION BY Uid, Kind ORDER BY Id), 0) AS Previous
            FROM LedgerEntries WHERE Kind <> 11
        ) AS Chained
        WHERE `Before` <> Previous
        """;

    /// <summary>Days are the gateway's (UTC+8), in milliseconds. The statuses are those of paid orders.</summary>
    private const string DaysSql = """
        SELECT Day, CAST(SUM(Orders) AS SIGNED) AS Orders, CAST(SUM(OrderFen) AS SIGNED) AS OrderFen, CAST(SUM(ReportedFen) AS SIGNED) AS ReportedFen
        FROM (
            SELECT PaidAt + 28800000 - (PaidAt + 28800000) % 86400000 AS Day, 1 AS Orders, AmountFen AS OrderFen, 0 AS ReportedFen
            FROM Orders WHERE PaidAt IS NOT NULL AND Status IN (2, 4, 5)
            UNION ALL
            SELECT PaidAt + 28800000 - (PaidAt + 28800000) % 86400000, 0, 0, AmountFen
            FROM Notifications WHERE AmountFen IS NOT NULL AND QuarantineReason IS NULL
        ) AS Paid
        GROUP BY Day
        """;

    private sealed class DaySums
    {
        public long Day { get; init; }
        public long Orders { get; init; }
        public long OrderFen { get; init; }
        public long ReportedFen { get; init; }
    }

    private sealed class Balance
    {
        public long Uid { get; init; }
        public long Value { get; init; }
    }
}
