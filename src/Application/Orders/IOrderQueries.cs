namespace PayRecharge.Application.Orders;

/// <summary>The database queries of orders. They need no unit of work.</summary>
public interface IOrderQueries
{
    /// <summary>Reads an order as its buyer sees it. Counts no poll.</summary>
    Task<OrderView?> ReadViewAsync(long id, CancellationToken cancellationToken);

    /// <summary>Reads fulfilled orders of a buyer, newest first.</summary>
    /// <param name="uid">The buyer's user id.</param>
    /// <param name="skip">How many orders to skip.</param>
    /// <param name="take">The maximum number of orders.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyList<OrderView>> ReadPaidAsync(long uid, long skip, int take, CancellationToken cancellationToken);

    /// <summary>Continues such a list after an order, with at most <paramref name="take"/> orders.</summary>
    Task<IReadOnlyList<OrderView>> ReadPaidAfterAsync(OrderView last, int take, CancellationToken cancellationToken);

    /// <summary>Counts the orders that follow an order in such a list.</summary>
    Task<long> CountPaidAfterAsync(OrderView last, CancellationToken cancellationToken);

    /// <summary>Reads the newest orders for an admin.</summary>
    /// <param name="filter">The conditions, except those on the buyer: see <paramref name="buyers"/>.</param>
    /// <param name="buyers">Only orders of these accounts, at least one; null: of all accounts.</param>
    /// <param name="take">The maximum number of orders.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyList<Domain.Orders.Order>> ReadNewestAsync(ListOrders filter, IReadOnlyList<long>? buyers, int take, CancellationToken cancellationToken);

    /// <summary>Reads the codes of paid kamis by the ids of their orders.</summary>
    Task<IReadOnlyDictionary<long, string>> ReadKamiCodesAsync(IReadOnlyList<long> orderIds, CancellationToken cancellationToken);

    /// <summary>Reads an order by the merchant's number.</summary>
    Task<Domain.Orders.Order?> ReadByNumberAsync(string number, CancellationToken cancellationToken);

    /// <summary>Reads an order by its id.</summary>
    Task<Domain.Orders.Order?> ReadAsync(long id, CancellationToken cancellationToken);
}
