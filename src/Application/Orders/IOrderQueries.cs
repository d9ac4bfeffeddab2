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

    /// <summary>The newest orders for an admin, at most <paramref name="take"/> with an id below <paramref name="before"/>, all or only those marked for attention.</summary>
    Task<IReadOnlyList<Domain.Orders.Order>> ReadNewestAsync(bool attention, long? before, int take, CancellationToken cancellationToken);

    /// <summary>One order by the merchant's number.</summary>
    Task<Domain.Orders.Order?> ReadByNumberAsync(string number, CancellationToken cancellationToken);

    /// <summary>One order for an admin.</summary>
    Task<Domain.Orders.Order?> ReadAsync(long id, CancellationToken cancellationToken);
}
