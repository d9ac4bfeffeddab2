using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>That an order is to be seen to: the gateway asked about it, or its delivery tried again. Apart from the order, so that claims and nudges never lock a row that holds money.</summary>
internal sealed class PendingCheck
{
    public long OrderId { get; init; }
    public Order Order { get; init; } = null!;

    /// <summary>The order's gateway: each is asked at a rate of its own.</summary>
    public string Gateway { get; init; } = "";

    public DateTimeOffset DueAt { get; set; }
    public DateTimeOffset? AskedAt { get; init; }

    /// <summary>The buyer, while the order is open and unpaid: what limits count.</summary>
    public long? Uid { get; set; }

    /// <summary>The address that ordered, an IPv6 one as its /64, while the order is open and unpaid.</summary>
    public string? Caller { get; set; }

    /// <summary>How many open orders the buyer had before this one, and a tenth of those of the address. Each puts it back by <see cref="CheckPriority.PerTurn"/>.</summary>
    public int Turn { get; init; }

    /// <summary>Whether its buyer's client asked since the gateway was. It goes before others by <see cref="CheckPriority.PerNudge"/>.</summary>
    public bool Nudged { get; init; }
}
