using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>How often an order was asked about. Apart from the order, so that questions never lock a row that holds money.</summary>
internal sealed class OrderChecks
{
    public long OrderId { get; private set; }
    public Order Order { get; init; } = null!;
    public long Count { get; private set; }
}
