using Microsoft.EntityFrameworkCore;
using PayRecharge.Application;
using PayRecharge.Application.Orders;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class ReconciliationQueue(RechargeDbContext db, IUnitOfWork unit, TimeProvider clock) : IReconciliationQueue
{
    public async Task<Claim?> ClaimNextAsync(int perSecond, TimeSpan lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            // To the millisecond, as it is stored: the lease's end is what a claim is known by.
            var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
            var check = await db.PendingChecks.AsNoTracking().Where(c => c.DueAt <= now).OrderBy(c => c.DueAt).FirstOrDefaultAsync(cancellationToken);
            if (check is null) return null;
            var second = now.AddSeconds(-1);
            if (await db.PendingChecks.CountAsync(c => c.AskedAt > second, cancellationToken) >= perSecond) return null;
            // Only the one who still finds it as it was read has it.
            var won = await unit.ExecuteAsync(cancel => db.PendingChecks
                .Where(c => c.OrderId == check.OrderId && c.DueAt == check.DueAt)
                .ExecuteUpdateAsync(c => c.SetProperty(x => x.DueAt, now + lease).SetProperty(x => x.AskedAt, now), cancel), cancellationToken);
            if (won == 1) return new Claim(check.OrderId, now + lease);
        }
    }

    public Task RescheduleAsync(Claim claim, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        unit.ExecuteAsync(cancel => Claimed(claim)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.DueAt, dueAt), cancel), cancellationToken);

    public Task RemoveAsync(Claim claim, CancellationToken cancellationToken) =>
        unit.ExecuteAsync(cancel => Claimed(claim).ExecuteDeleteAsync(cancel), cancellationToken);

    private IQueryable<PendingCheck> Claimed(Claim claim) => db.PendingChecks.Where(c => c.OrderId == claim.OrderId && c.DueAt == claim.Until);
}
