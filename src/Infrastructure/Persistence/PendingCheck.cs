using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>
/// An order scheduled for a gateway query or a repeated delivery. Separate from the order, so that claims and nudges never lock a row
/// that holds money.
/// </summary>
internal sealed class PendingCheck
{
    public long OrderId { get; init; }
    public Order Order { get; init; } = null!;

    /// <summary>The order's gateway: each has its own query rate.</summary>
    public string Gateway { get; init; } = "";

    public DateTimeOffset DueAt { get; set; }
    public DateTimeOffset? AskedAt { get; init; }

    /// <summary>The buyer, while the order is open and unpaid; limits count this.</summary>
    public long? Uid { get; set; }

    /// <summary>The client's address (of IPv6 the /64), while the order is open and unpaid.</summary>
    public string? Caller { get; set; }

    /// <summary>The buyer's earlier open orders, plus a tenth of the address's; each costs <see cref="CheckPriority.PerTurn"/>.</summary>
    public int Turn { get; init; }

    /// <summary>Whether the client polled since the last query. Moves the order ahead by <see cref="CheckPriority.PerNudge"/>.</summary>
    public bool Nudged { get; init; }
}
