using Microsoft.EntityFrameworkCore;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class OrderRepository(RechargeDbContext db, SqliteWriter writer) : IOrderRepository
{
    /// <summary>Above this number the exact count does not matter.</summary>
    private const int MostCounted = 10_000;

    public void Add(Order order, DateTimeOffset checkAt, string caller, int turn)
    {
        db.OrderChecks.Add(new OrderChecks { Order = order });
        db.PendingChecks.Add(new PendingCheck
        {
            Order = order,
            Gateway = order.Gateway,
            DueAt = checkAt,
            Uid = order.Uid,
            Caller = caller,
            Turn = turn,
        });
    }

    public async Task<(int OfUser, int OfCaller)> CountOpenAsync(long uid, string caller, CancellationToken cancellationToken)
    {
        // ToList first: EF would wrap a composed query around this statement.
        var open = (await db.Database.SqlQuery<Open>($"""
            SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM PendingChecks WHERE Uid = {uid} LIMIT {MostCounted}) u) AS OfUser,
                (SELECT COUNT(*) FROM (SELECT 1 FROM PendingChecks WHERE Caller = {caller} LIMIT {MostCounted}) c) AS OfCaller
            """).ToListAsync(cancellationToken)).Single();
        return (open.OfUser, open.OfCaller);
    }

    public async Task GiveUpPlaceAsync(long id, CancellationToken cancellationToken)
    {
        using var turn = await writer.WaitAsync(cancellationToken);
        await db.PendingChecks.Where(c => c.OrderId == id)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.Uid, (long?)null).SetProperty(x => x.Caller, (string?)null).SetProperty(x => x.Turn, CheckPriority.LastTurn), cancellationToken);
    }

    public Task<Order?> LockAsync(long id, CancellationToken cancellationToken) => LockAsync("Id", id, cancellationToken);

    public Task<Order?> LockByNumberAsync(string number, CancellationToken cancellationToken) => LockAsync("Number", number, cancellationToken);

    public async Task<IReadOnlyList<Order>> LockFreeAsync(IReadOnlyCollection<string> numbers, CancellationToken cancellationToken) =>
        await db.LockFreeAsync<Order>("SELECT * FROM Orders WHERE Number", numbers, cancellationToken);

    public async Task<bool> TryAttachGatewayOrderAsync(long id, string gatewayOrderId, CancellationToken cancellationToken)
    {
        using var turn = await writer.WaitAsync(cancellationToken);
        return await db.Orders.Where(o => o.Id == id && o.GatewayOrderId == null)
            .ExecuteUpdateAsync(order => order.SetProperty(o => o.GatewayOrderId, gatewayOrderId), cancellationToken) == 1;
    }

    public async Task RescheduleAsync(Order order, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        if (await db.PendingChecks.SingleOrDefaultAsync(c => c.OrderId == order.Id, cancellationToken) is { } check) (check.DueAt, check.Uid, check.Caller) = (dueAt, null, null);
        else db.PendingChecks.Add(new PendingCheck { OrderId = order.Id, Gateway = order.Gateway, DueAt = dueAt });
    }

    public async Task<(long? Next, int Removed)> ClearUnpaidAsync(long after, int count, DateTimeOffset madeBefore, CancellationToken cancellationToken)
    {
        var last = await db.Orders.AsNoTracking().Where(o => o.Id > after).OrderBy(o => o.Id).Skip(count - 1)
            .Select(o => new { o.Id, o.CreatedAt }).FirstOrDefaultAsync(cancellationToken);
        var upTo = last?.Id ?? long.MaxValue;
        // Also deletes their counters and checks.
        var removed = await db.Orders
            .Where(o => o.Id > after && o.Id <= upTo && o.Status == OrderStatus.Closed && o.CreatedAt < madeBefore
                && o.PaidAt == null && o.RefundRequestedAt == null
                && (o.Attention == null || o.Attention.StartsWith(Order.RefusedByGateway))
                && !db.Notifications.Any(n => n.OrderNumber == o.Number) && !db.Kamis.Any(k => k.OrderId == o.Id))
            .ExecuteDeleteAsync(cancellationToken);
        return (last is null || last.CreatedAt >= madeBefore ? null : last.Id, removed);
    }

    public Task<bool> HasGatewayOrderAsync(string gateway, string gatewayOrderId, CancellationToken cancellationToken) =>
        db.Orders.AnyAsync(o => o.GatewayOrderId == gatewayOrderId && o.Gateway == gateway, cancellationToken);

    private Task<Order?> LockAsync(string column, object value, CancellationToken cancellationToken) =>
        db.LockOneAsync<Order>("SELECT * FROM Orders WHERE " + column + " = {0}", value, cancellationToken);

    private sealed record Open(int OfUser, int OfCaller);
}
