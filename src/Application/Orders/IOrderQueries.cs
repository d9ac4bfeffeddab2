namespace PayRecharge.Application.Orders;

/// <summary>Orders as they are read, straight from the database.</summary>
public interface IOrderQueries
{
    /// <summary>One order as its buyer sees it. The question is not counted.</summary>
    Task<OrderView?> ReadViewAsync(long id, CancellationToken cancellationToken);

    /// <summary>Reads fulfilled orders of a buyer, newest first.</summary>
    /// <param name="uid">The buyer.</param>
    /// <param name="skip">How many to leave out.</param>
    /// <param name="take">How many to read at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<OrderView>> ReadPaidAsync(long uid, long skip, int take, CancellationToken cancellationToken);

    /// <summary>Goes on after an order, newest first, at most <paramref name="take"/> orders.</summary>
    Task<IReadOnlyList<OrderView>> ReadPaidAfterAsync(OrderView last, int take, CancellationToken cancellationToken);

    /// <summary>How many fulfilled orders of its buyer come after an order.</summary>
    Task<long> CountPaidAfterAsync(OrderView last, CancellationToken cancellationToken);

    /// <summary>Reads the newest orders for an admin.</summary>
    /// <param name="filter">The conditions; its user is left to <paramref name="buyers"/>.</param>
    /// <param name="buyers">Only orders of these accounts, at least one; null: of all.</param>
    /// <param name="take">How many to read at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<Domain.Orders.Order>> ReadNewestAsync(ListOrders filter, IReadOnlyList<long>? buyers, int take, CancellationToken cancellationToken);

    /// <summary>The codes of the kamis that orders paid for, by the order's id.</summary>
    Task<IReadOnlyDictionary<long, string>> ReadKamiCodesAsync(IReadOnlyList<long> orderIds, CancellationToken cancellationToken);

    /// <summary>One order by the merchant's number.</summary>
    Task<Domain.Orders.Order?> ReadByNumberAsync(string number, CancellationToken cancellationToken);

    /// <summary>One order for an admin.</summary>
    Task<Domain.Orders.Order?> ReadAsync(long id, CancellationToken cancellationToken);
}
