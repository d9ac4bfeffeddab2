using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>The number of polls of an order. Stored apart from the order, so that polls never lock a row that holds money.</summary>
internal sealed class OrderChecks
{
    public long OrderId { get; private set; }
    public Order Order { get; init; } = null!;
    public long Count { get; private set; }
}
