using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Application;
using PayRecharge.Application.Orders;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>
/// Two statements, each a transaction of its own: nobody holds a claimed row who could hang. What one reads is of one moment, the
/// count of the last second's questions too: who has not seen another's claims finds the same orders most urgent, and loses them.
/// </summary>
internal sealed class ReconciliationQueue(RechargeDbContext db, IUnitOfWork unit, SqliteWriter writer, TimeProvider clock) : IReconciliationQueue
{
    public async Task<IReadOnlyList<Claim>> ClaimDueAsync(int perSecond, int most, TimeSpan lease, CancellationToken cancellationToken)
    {
        // To the millisecond, as it is stored: the lease's end is what a claim is known by.
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var until = now + (long)lease.TotalMilliseconds;
        var due = await db.Database.SqlQueryRaw<DueCheck>(DueSql(now, perSecond)).ToListAsync(cancellationToken);
        due = [.. due.Take(Math.Min(most, perSecond - (due.Count > 0 ? due[0].Recent : 0)))];
        if (due.Count == 0) return [];

        // Only the one who still finds them as they were read has them.
        var unchanged = string.Join(" OR ", due.OrderBy(c => c.OrderId).Select(c => Sql($"(OrderId = {c.OrderId} AND DueAt = {c.DueAt})")));
        var won = await ExecuteAsync(Sql($"UPDATE PendingChecks SET DueAt = {until}, AskedAt = {now}, Nudged = 0 WHERE ") + unchanged, cancellationToken);
        if (won == 0) return [];
        var claims = due.ConvertAll(c => new Claim(c.OrderId, DateTimeOffset.FromUnixTimeMilliseconds(until)));
        if (won == due.Count) return claims;
        var ids = Sql($"SELECT OrderId AS Value FROM PendingChecks WHERE DueAt = {until} AND AskedAt = {now}");
        var ours = (await db.Database.SqlQueryRaw<long>(ids).ToListAsync(cancellationToken)).ToHashSet();
        return claims.FindAll(c => ours.Contains(c.OrderId));
    }

    public Task RescheduleAsync(Claim claim, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        unit.ExecuteAsync(cancel => Claimed(claim)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.DueAt, dueAt), cancel), cancellationToken);

    public Task RemoveAsync(Claim claim, CancellationToken cancellationToken) =>
        unit.ExecuteAsync(cancel => Claimed(claim).ExecuteDeleteAsync(cancel), cancellationToken);

    /// <summary>
    /// The most urgent checks. Those that are due further ahead than any schedule says were put there under a clock that was wrong:
    /// they are due now. A question in the future was asked under such a clock, too, and counts for no second.
    /// </summary>
    private static string DueSql(long now, int take)
    {
        var (openBound, bound) = (now + Milliseconds(CheckSchedule.LongestWait), now + Milliseconds(CheckSchedule.RedeliverEvery + TimeSpan.FromMinutes(1)));
        return Sql($"""
            SELECT OrderId, DueAt, (SELECT COUNT(*) FROM PendingChecks WHERE AskedAt > {now - 1000} AND AskedAt <= {now + 1000}) AS Recent
            FROM (SELECT OrderId, DueAt, Turn, Nudged FROM PendingChecks WHERE DueAt <= {now}
                UNION ALL SELECT OrderId, DueAt, Turn, Nudged FROM PendingChecks WHERE DueAt > {openBound} AND (DueAt > {bound} OR Uid IS NOT NULL)) AS Due
            ORDER BY CASE WHEN DueAt > {now} THEN {now} ELSE DueAt END + {Milliseconds(CheckSchedule.PerTurn)} * Turn
                - CASE WHEN Nudged = 1 THEN {Milliseconds(CheckSchedule.PerNudge)} ELSE 0 END, OrderId
            LIMIT {take}
            """);
    }

    private async Task<int> ExecuteAsync(string statement, CancellationToken cancellationToken)
    {
        using var turn = await writer.WaitAsync(cancellationToken);
        return await db.Database.ExecuteSqlRawAsync(statement, cancellationToken);
    }

    private IQueryable<PendingCheck> Claimed(Claim claim) => db.PendingChecks.Where(c => c.OrderId == claim.OrderId && c.DueAt == claim.Until);

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    private static string Sql(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record DueCheck(long OrderId, long DueAt, int Recent);
}
