using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Application.Orders;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class OrderQueries(RechargeDbContext db, PaidLists lists) : IOrderQueries
{
    public Task<OrderView?> ReadViewAsync(long id, CancellationToken cancellationToken) => Views(o => o.Id == id).SingleOrDefaultAsync(cancellationToken);

    public Task<IReadOnlyList<OrderView>> ReadPaidAsync(long uid, long skip, int take, CancellationToken cancellationToken) => lists.ReadAsync(uid, skip, take, cancellationToken);

    public async Task<(long Total, IReadOnlyList<OrderView> Orders)> ReadLongPaidAsync(long uid, OrderView? after, int take, CancellationToken cancellationToken)
    {
        var paid = db.Orders.Where(o => o.Uid == uid && o.Status == OrderStatus.Fulfilled);
        var (time, id) = (after?.CreatedAt ?? DateTimeOffset.MaxValue, after?.Id ?? long.MaxValue);
        var rows = await Views(o => o.Uid == uid && o.Status == OrderStatus.Fulfilled
                && (o.CreatedAt < time || (o.CreatedAt == time && o.Id < id)))
            .OrderByDescending(o => o.CreatedAt).ThenByDescending(o => o.Id)
            .Take(take)
            .Select(o => new { Total = paid.LongCount(), Order = o })
            .ToListAsync(cancellationToken);
        return (rows.Count == 0 ? 0 : rows[0].Total, rows.ConvertAll(r => r.Order));
    }

    public async Task<IReadOnlyList<Order>> ReadNewestAsync(bool attention, long? before, int take, CancellationToken cancellationToken) =>
        await db.Orders.AsNoTracking().Where(o => (before == null || o.Id < before) && (!attention || o.Attention != null))
            .OrderByDescending(o => o.Id).Take(take).ToListAsync(cancellationToken);

    public Task<Order?> ReadAsync(long id, CancellationToken cancellationToken) =>
        db.Orders.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, cancellationToken);

    public Task<Order?> ReadByNumberAsync(string number, CancellationToken cancellationToken) =>
        db.Orders.AsNoTracking().SingleOrDefaultAsync(o => o.Number == number, cancellationToken);

    private IQueryable<OrderView> Views(Expression<Func<Order, bool>> which) =>
        from o in db.Orders.AsNoTracking().Where(which)
        join c in db.OrderChecks on o.Id equals c.OrderId
        join k in db.Kamis on o.Id equals k.OrderId into kamis
        from kami in kamis.DefaultIfEmpty()
        let fulfilled = o.Status == OrderStatus.Fulfilled
        select new OrderView
        {
            Id = o.Id,
            Uid = o.Uid,
            Kind = o.Purchase.Kind,
            IsFulfilled = fulfilled,
            GatewayOrderId = o.GatewayOrderId!,
            Title = o.Title,
            AmountFen = o.AmountFen,
            CreditType = o.Purchase.CreditType,
            Credits = o.Purchase.Kind == PurchaseKind.Credits ? o.Purchase.Credits : 0,
            Seconds = o.Purchase.Kind == PurchaseKind.CardTime ? o.Purchase.Seconds : 0,
            KamiCode = fulfilled && kami != null ? kami.Code : null,
            Attach = o.Attach,
            CreatedAt = o.CreatedAt,
            PaidAt = fulfilled ? o.PaidAt : null,
            Checks = c.Count,
        };
}
