namespace PayRecharge.Application.Orders;

/// <summary>Orders as they are read, straight from the database.</summary>
public interface IOrderQueries
{
    /// <summary>
    /// Counts a question about an order and reads it, in one transaction: over all instances each answer has its own, higher count.
    /// Unknown ids are not counted.
    /// </summary>
    Task<OrderView?> CountAndReadAsync(string gatewayOrderId, CancellationToken cancellationToken);

    /// <summary>The fulfilled orders of a buyer, newest first, and how many there are in all; both from one state of the database.</summary>
    /// <param name="uid">The buyer.</param>
    /// <param name="skip">How many to leave out at the beginning.</param>
    /// <param name="take">How many to read at most.</param>
    IAsyncEnumerable<(long Total, OrderView Order)> ReadPaidAsync(long uid, long skip, int take);

    /// <summary>The newest orders for an admin, at most <paramref name="take"/> with an id below <paramref name="before"/>.</summary>
    Task<IReadOnlyList<Domain.Orders.Order>> ReadNewestAsync(long? before, int take, CancellationToken cancellationToken);

    /// <summary>One order for an admin.</summary>
    Task<Domain.Orders.Order?> ReadAsync(long id, CancellationToken cancellationToken);
}
