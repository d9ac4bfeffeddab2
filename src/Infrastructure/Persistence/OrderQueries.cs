using System.Collections.ObjectModel;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Application.Orders;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class OrderQueries(RechargeDbContext db, PaidLists lists, ClientGateway clients) : IOrderQueries
{
    public Task<OrderView?> ReadViewAsync(long id, CancellationToken cancellationToken) => Views(o => o.Id == id).SingleOrDefaultAsync(cancellationToken);

    public Task<IReadOnlyList<OrderView>> ReadPaidAsync(long uid, long skip, int take, CancellationToken cancellationToken) => lists.ReadAsync(uid, skip, take, cancellationToken);

    public async Task<IReadOnlyList<OrderView>> ReadPaidAfterAsync(OrderView last, int take, CancellationToken cancellationToken) =>
        await Views(PaidAfter(last)).OrderByDescending(o => o.CreatedAt).ThenByDescending(o => o.Id).Take(take).ToListAsync(cancellationToken);

    public Task<long> CountPaidAfterAsync(OrderView last, CancellationToken cancellationToken) => db.Orders.LongCountAsync(PaidAfter(last), cancellationToken);

    public async Task<IReadOnlyList<Order>> ReadNewestAsync(ListOrders filter, IReadOnlyList<long>? buyers, int take, CancellationToken cancellationToken)
    {
        // Adds only the given conditions to the statement, so that the database finds their index.
        var found = db.Orders.AsNoTracking();
        if (filter.Number is { } number) found = found.Where(o => o.Number == number);
        if (filter.GatewayOrderId is { } gatewayOrderId) found = found.Where(o => o.GatewayOrderId == gatewayOrderId);
        if (filter.TransactionId is { } transactionId) found = found.Where(o => o.TransactionId == transactionId);
        if (filter.Status is { } status) found = found.Where(o => o.Status == status);
        if (filter.Attention is { } attention) found = found.Where(o => o.Attention != null == attention);
        if (filter.Before is { } before) found = found.Where(o => o.Id < before);
        if (buyers is not null) found = found.Where(o => EF.Constant(buyers).Contains(o.Uid));
        // For a sort by the plain id, MariaDB may scan all orders from the newest instead of reading the buyer's few orders.
        var sorted = buyers is null ? found.OrderByDescending(o => o.Id) : found.OrderByDescending(o => o.Id + 0);
        return await sorted.Take(take).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyDictionary<long, string>> ReadKamiCodesAsync(IReadOnlyList<long> orderIds, CancellationToken cancellationToken) =>
        orderIds.Count == 0 ? ReadOnlyDictionary<long, string>.Empty
        : await db.Kamis.AsNoTracking().Where(k => EF.Constant(orderIds).Contains(k.OrderId)).ToDictionaryAsync(k => k.OrderId, k => k.Code, cancellationToken);

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
            ClientId = o.Gateway == clients.Code ? o.GatewayOrderId! : o.Number,
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
