using Microsoft.EntityFrameworkCore;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class OrderRepository(RechargeDbContext db, SqliteWriter writer) : IOrderRepository
{
    public void Add(Order order)
    {
        db.OrderChecks.Add(new OrderChecks { Order = order });
        db.PendingChecks.Add(new PendingCheck { Order = order, DueAt = CheckSchedule.Next(order.CreatedAt, order.CreatedAt)!.Value });
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

    public async Task RescheduleAsync(long id, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        if (await db.PendingChecks.SingleOrDefaultAsync(c => c.OrderId == id, cancellationToken) is { } check) check.DueAt = dueAt;
        else db.PendingChecks.Add(new PendingCheck { OrderId = id, DueAt = dueAt });
    }

    public Task<bool> HasGatewayOrderAsync(string gatewayOrderId, CancellationToken cancellationToken) =>
        db.Orders.AnyAsync(o => o.GatewayOrderId == gatewayOrderId, cancellationToken);

    private Task<Order?> LockAsync(string column, object value, CancellationToken cancellationToken) =>
        db.LockOneAsync<Order>("SELECT * FROM Orders WHERE " + column + " = {0}", value, cancellationToken);
}
