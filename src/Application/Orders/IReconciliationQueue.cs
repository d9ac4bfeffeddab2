namespace PayRecharge.Application.Orders;

/// <summary>The orders the gateway is still to be asked about, shared by all instances.</summary>
public interface IReconciliationQueue
{
    /// <summary>
    /// Takes the order that is longest due, if any. One instance gets it: should that one die, the order is due again when the lease
    /// ends. All instances together take no more than <paramref name="perSecond"/> a second.
    /// </summary>
    Task<Claim?> ClaimNextAsync(int perSecond, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Has an order seen to again later, unless it was put on the queue anew meanwhile.</summary>
    Task RescheduleAsync(Claim claim, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>Takes an order off the queue, unless it was put on it anew meanwhile.</summary>
    Task RemoveAsync(Claim claim, CancellationToken cancellationToken);
}

/// <summary>An order that one instance sees to.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Until">When the lease ends (UTC): the order is due again then.</param>
public sealed record Claim(long OrderId, DateTimeOffset Until);
