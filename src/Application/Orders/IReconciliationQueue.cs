namespace PayRecharge.Application.Orders;

/// <summary>The orders the gateway is still to be asked about, shared by all instances.</summary>
public interface IReconciliationQueue
{
    /// <summary>
    /// Takes the order that is longest due, if any. One instance gets it: should that one die, the order is due again when the lease
    /// ends. All instances together take no more than <paramref name="perSecond"/> a second.
    /// </summary>
    Task<long?> ClaimNextAsync(int perSecond, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Has an order asked about again later.</summary>
    Task RescheduleAsync(long orderId, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>Takes an order off the queue: nothing is left to ask.</summary>
    Task RemoveAsync(long orderId, CancellationToken cancellationToken);

    /// <summary>Makes an order due now, unless it was asked about a moment ago.</summary>
    Task NudgeAsync(long orderId, CancellationToken cancellationToken);
}
