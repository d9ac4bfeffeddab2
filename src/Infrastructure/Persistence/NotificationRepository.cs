using Microsoft.EntityFrameworkCore;
using PayRecharge.Application.Payments;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class NotificationRepository(RechargeDbContext db, UnsignedTrims trims) : INotificationRepository, INotificationQueries
{
    public Task<Notification?> FindAsync(string gateway, string contentHash, CancellationToken cancellationToken) =>
        db.Notifications.SingleOrDefaultAsync(n => n.ContentHash == contentHash && n.Gateway == gateway, cancellationToken);

    public Task<Notification?> FindAsync(long id, CancellationToken cancellationToken) =>
        db.Notifications.SingleOrDefaultAsync(n => n.Id == id, cancellationToken);

    public void Remove(Notification notification) => db.Notifications.Remove(notification);

    public void Add(Notification notification) => db.Notifications.Add(notification);

    public async Task TrimUnsignedAsync(int keep, CancellationToken cancellationToken)
    {
        if (!trims.IsDue()) return;
        // Hand-written: EF generates NOT Signed, for which SQLite reads every stored message.
        var oldest = await db.Database.SqlQuery<long>($"SELECT Id AS Value FROM Notifications WHERE Signed = 0 ORDER BY Id DESC LIMIT 1 OFFSET {keep - 1}")
            .ToListAsync(cancellationToken);
        foreach (var id in oldest) await db.Database.ExecuteSqlAsync($"DELETE FROM Notifications WHERE Signed = 0 AND Id <= {id}", cancellationToken);
    }

    public async Task<IReadOnlyList<Notification>> ReadNewestAsync(bool? quarantined, long? before, int take, CancellationToken cancellationToken) =>
        await db.Notifications.AsNoTracking()
            .Where(n => (before == null || n.Id < before) && (quarantined == null || n.QuarantineReason != null == quarantined))
            .OrderByDescending(n => n.Id).Take(take).ToListAsync(cancellationToken);
}

/// <summary>Decides when to trim unsigned messages: at the first one that this process stores, then once in 64.</summary>
internal sealed class UnsignedTrims
{
    private uint _asked;

    public bool IsDue() => Interlocked.Increment(ref _asked) % 64 == 1;
}
