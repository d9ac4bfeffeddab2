using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Application;
using PayRecharge.Application.Orders;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>
/// Each statement is its own transaction: a stalled instance locks no claimed row. One statement reads the due orders and the count of
/// the last second's queries: an instance that missed another's claims selects the same orders, and its claims fail.
/// </summary>
internal sealed class ReconciliationQueue(RechargeDbContext db, IUnitOfWork unit, SqliteWriter writer, TimeProvider clock) : IReconciliationQueue
{
    public async Task<IReadOnlyList<Claim>> ClaimDueAsync(string gateway, int perSecond, int most, TimeSpan lease, CancellationToken cancellationToken)
    {
        // To the millisecond, as it is stored: the end of the lease identifies a claim.
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var until = now + Milliseconds(lease);
        var due = await db.Database.SqlQuery<DueCheck>(DueSql(gateway, now, perSecond)).ToListAsync(cancellationToken);
        // After a pause, orders that others rescheduled look like those of a wrong clock, and the lease would end too soon.
        if (clock.GetUtcNow().ToUnixTimeMilliseconds() - now > Milliseconds(lease / 2)) return [];

        var claims = new List<Claim>();
        foreach (var check in due.Take(Math.Min(most, perSecond - (due.Count > 0 ? due[0].Recent : 0))))
        {
            // The claim succeeds only if the row is unchanged.
            var claim = Sql($"UPDATE PendingChecks SET DueAt = {until}, AskedAt = {now}, Nudged = 0 WHERE OrderId = {check.OrderId} AND DueAt = {check.DueAt}");
            if (await ExecuteAsync(claim, cancellationToken) == 1) claims.Add(new Claim(check.OrderId, DateTimeOffset.FromUnixTimeMilliseconds(until)));
        }
        return claims;
    }

    public Task RescheduleAsync(Claim claim, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        unit.ExecuteAsync(cancel => Claimed(claim)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.DueAt, dueAt), cancel), cancellationToken);

    public Task RemoveAsync(Claim claim, CancellationToken cancellationToken) =>
        unit.ExecuteAsync(cancel => Claimed(claim).ExecuteDeleteAsync(cancel), cancellationToken);

    /// <summary>
    /// The most urgent checks. A check that is due later than any schedule allows was stored under a wrong clock: it is due now. A query
    /// in the future was sent under such a clock, too, and is not counted.
    /// </summary>
    /// <returns>The statement, with values as parameters: EF compiles every new text.</returns>
    private static FormattableString DueSql(string gateway, long now, int take)
    {
        var (openBound, bound) = (now + Milliseconds(CheckSchedule.LongestWait), now + Milliseconds(CheckPriority.RedeliverEvery + TimeSpan.FromMinutes(1)));
        return $"""
            SELECT OrderId, DueAt, (SELECT COUNT(*) FROM PendingChecks WHERE Gateway = {gateway} AND AskedAt > {now - 1000} AND AskedAt <= {now + 1000}) AS Recent
            FROM (SELECT OrderId, DueAt, Turn, Nudged FROM PendingChecks WHERE Gateway = {gateway} AND DueAt <= {now}
                UNION ALL SELECT OrderId, DueAt, Turn, Nudged FROM PendingChecks WHERE Gateway = {gateway} AND DueAt > {openBound} AND (DueAt > {bound} OR Uid IS NOT NULL)) AS Due
            ORDER BY CASE WHEN DueAt > {now} THEN {now} ELSE DueAt END + {Milliseconds(CheckPriority.PerTurn)} * Turn
                - CASE WHEN Nudged = 1 THEN {Milliseconds(CheckPriority.PerNudge)} ELSE 0 END, OrderId
            LIMIT {take}
            """;
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
