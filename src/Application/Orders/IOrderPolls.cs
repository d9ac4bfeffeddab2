namespace PayRecharge.Application.Orders;

/// <summary>The polls that clients send every second or two until their buyer has paid.</summary>
public interface IOrderPolls
{
    /// <summary>
    /// Counts a poll of an order and reads the order, in one transaction: each poll gets its own, higher count, across all instances. If
    /// a client keeps polling, its buyer may just have paid: the check of an unpaid order is moved to now, at most every
    /// <see cref="Domain.Orders.CheckPriority.NudgeEvery"/>.
    /// </summary>
    /// <returns>Null if there is no such order; nothing is counted.</returns>
    Task<OrderView?> CountAndReadAsync(string clientId, CancellationToken cancellationToken);
}
