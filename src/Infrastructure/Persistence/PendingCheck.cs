using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>That an order is to be seen to: the gateway asked about it, or its delivery tried again. Apart from the order, so that claims and nudges never lock a row that holds money.</summary>
internal sealed class PendingCheck
{
    public long OrderId { get; init; }
    public Order Order { get; init; } = null!;
    public DateTimeOffset DueAt { get; set; }
    public DateTimeOffset? AskedAt { get; init; }
}
