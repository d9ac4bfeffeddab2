namespace PayRecharge.Application.Orders;

/// <summary>The orders that gateways are still to be asked about, shared by all instances.</summary>
public interface IReconciliationQueue
{
    /// <summary>
    /// Takes the orders that are most urgent among those due: the longest due, where each open order that the buyer or his address had
    /// before counts against one and a client's asking for it. So a buyer's tenth order does not keep another's first waiting, and none waits for ever.
    /// One instance gets an order: should that instance die, the order is due again when the lease ends.
    /// </summary>
    /// <param name="gateway">The code of the gateway to ask.</param>
    /// <param name="perSecond">How many all instances together may take in a second.</param>
    /// <param name="most">How many this one can take now.</param>
    /// <param name="lease">For how long an order is taken.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<Claim>> ClaimDueAsync(string gateway, int perSecond, int most, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Has an order seen to again later, unless it was put on the queue anew meanwhile.</summary>
    Task RescheduleAsync(Claim claim, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>Takes an order off the queue, unless it was put on it anew meanwhile.</summary>
    Task RemoveAsync(Claim claim, CancellationToken cancellationToken);
}

/// <summary>An order that one instance sees to.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Until">When the lease ends (UTC): the order is due again then.</param>
public sealed record Claim(long OrderId, DateTimeOffset Until);
