using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>That the gateway is to be asked about an order. Apart from the order, so that claims and nudges never lock a row that holds money.</summary>
internal sealed class PendingCheck
{
    public long OrderId { get; private set; }
    public Order Order { get; init; } = null!;
    public DateTimeOffset DueAt { get; init; }
    public DateTimeOffset? AskedAt { get; init; }
}
