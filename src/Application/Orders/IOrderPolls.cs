namespace PayRecharge.Application.Orders;

/// <summary>What clients ask every second or two until their buyer has paid.</summary>
public interface IOrderPolls
{
    /// <summary>
    /// Counts a question about an order and reads it, in one transaction: over all instances each answer has its own, higher count.
    /// Whoever keeps asking has a buyer who may just have paid: an unpaid order is put before the gateway now, at most every
    /// <see cref="Domain.Orders.CheckPriority.NudgeEvery"/>.
    /// </summary>
    /// <returns>Null where there is no such order; that is not counted.</returns>
    Task<OrderView?> CountAndReadAsync(string clientId, CancellationToken cancellationToken);
}
