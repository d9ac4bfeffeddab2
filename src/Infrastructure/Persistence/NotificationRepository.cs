using Microsoft.EntityFrameworkCore;
using PayRecharge.Application.Payments;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class NotificationRepository(RechargeDbContext db) : INotificationRepository, INotificationQueries
{
    public Task<Notification?> FindAsync(string contentHash, CancellationToken cancellationToken) =>
        db.Notifications.SingleOrDefaultAsync(n => n.ContentHash == contentHash, cancellationToken);

    public Task<Notification?> FindAsync(long id, CancellationToken cancellationToken) =>
        db.Notifications.SingleOrDefaultAsync(n => n.Id == id, cancellationToken);

    public void Remove(Notification notification) => db.Notifications.Remove(notification);

    public void Add(Notification notification) => db.Notifications.Add(notification);

    public async Task TrimUnsignedAsync(int keep, CancellationToken cancellationToken)
    {
        var oldest = await db.Notifications.Where(n => !n.Signed).OrderByDescending(n => n.Id).Skip(keep - 1)
            .Select(n => (long?)n.Id).FirstOrDefaultAsync(cancellationToken);
        if (oldest is { } id) await db.Notifications.Where(n => !n.Signed && n.Id <= id).ExecuteDeleteAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Notification>> ReadNewestAsync(bool? quarantined, long? before, int take, CancellationToken cancellationToken) =>
        await db.Notifications.AsNoTracking()
            .Where(n => (before == null || n.Id < before) && (quarantined == null || n.QuarantineReason != null == quarantined))
            .OrderByDescending(n => n.Id).Take(take).ToListAsync(cancellationToken);
}
