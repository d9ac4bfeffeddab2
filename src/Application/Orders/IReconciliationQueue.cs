namespace PayRecharge.Application.Orders;

/// <summary>The queue of orders that are to be checked, shared by all instances.</summary>
public interface IReconciliationQueue
{
    /// <summary>
    /// Claims the most urgent due orders: the longest due first. Earlier open orders of the same buyer or address make an order less
    /// urgent, and a client's poll makes it more urgent. So a buyer's tenth order does not delay another buyer's first, and no order
    /// waits forever. Only one instance gets an order. If that instance dies, the order is due again when the lease ends.
    /// </summary>
    /// <param name="gateway">The code of the gateway.</param>
    /// <param name="perSecond">How many orders all instances together may claim per second.</param>
    /// <param name="most">How many orders this instance can claim now.</param>
    /// <param name="lease">How long a claim lasts.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyList<Claim>> ClaimDueAsync(string gateway, int perSecond, int most, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Makes a claimed order due again later, unless it was rescheduled since the claim.</summary>
    Task RescheduleAsync(Claim claim, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>Removes a claimed order from the queue, unless it was rescheduled since the claim.</summary>
    Task RemoveAsync(Claim claim, CancellationToken cancellationToken);
}

/// <summary>An order claimed by one instance.</summary>
/// <param name="OrderId">The id of the order.</param>
/// <param name="Until">When the lease ends and the order is due again (UTC).</param>
public sealed record Claim(long OrderId, DateTimeOffset Until);
