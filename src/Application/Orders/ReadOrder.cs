using MediatR;

namespace PayRecharge.Application.Orders;

/// <summary>Reads an order.</summary>
/// <param name="OrderId">The id of the order.</param>
public sealed record ReadOrder(long OrderId) : IRequest<OrderRecord>;

internal sealed class ReadOrderHandler(OrderRecords records) : IRequestHandler<ReadOrder, OrderRecord>
{
    public Task<OrderRecord> Handle(ReadOrder request, CancellationToken cancellationToken) => records.ReadAsync(request.OrderId, cancellationToken);
}
