using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Application.Orders;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class OrderQueries(RechargeDbContext db, PaidLists lists) : IOrderQueries
{
    public Task<OrderView?> ReadViewAsync(long id, CancellationToken cancellationToken) => Views(o => o.Id == id).SingleOrDefaultAsync(cancellationToken);

    public Task<IReadOnlyList<OrderView>> ReadPaidAsync(long uid, long skip, int take, CancellationToken cancellationToken) => lists.ReadAsync(uid, skip, take, cancellationToken);

    public async Task<IReadOnlyList<OrderView>> ReadPaidAfterAsync(OrderView last, int take, CancellationToken cancellationToken) =>
        await Views(PaidAfter(last)).OrderByDescending(o => o.CreatedAt).ThenByDescending(o => o.Id).Take(take).ToListAsync(cancellationToken);

    public Task<long> CountPaidAfterAsync(OrderView last, CancellationToken cancellationToken) => db.Orders.LongCountAsync(PaidAfter(last), cancellationToken);

    public async Task<IReadOnlyList<Order>> ReadNewestAsync(bool attention, long? before, int take, CancellationToken cancellationToken) =>
        await db.Orders.AsNoTracking().Where(o => (before == null || o.Id < before) && (!attention || o.Attention != null))
            .OrderByDescending(o => o.Id).Take(take).ToListAsync(cancellationToken);

    public Task<Order?> ReadAsync(long id, CancellationToken cancellationToken) =>
        db.Orders.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, cancellationToken);

    public Task<Order?> ReadByNumberAsync(string number, CancellationToken cancellationToken) =>
        db.Orders.AsNoTracking().SingleOrDefaultAsync(o => o.Number == number, cancellationToken);

    private static Expression<Func<Order, bool>> PaidAfter(OrderView last) => o =>
        o.Uid == last.Uid && o.Status == OrderStatus.Fulfilled && (o.CreatedAt < last.CreatedAt || (o.CreatedAt == last.CreatedAt && o.Id < last.Id));

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
