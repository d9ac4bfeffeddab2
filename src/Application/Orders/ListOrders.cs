using AutoMapper;
using MediatR;

namespace PayRecharge.Application.Orders;

/// <summary>Lists orders for an admin, newest first, 100 at most.</summary>
/// <param name="Attention">Only orders an admin should look at.</param>
/// <param name="Before">Only orders with a lower id: the last one of the page before.</param>
public sealed record ListOrders(bool Attention, long? Before) : IRequest<IReadOnlyList<OrderRecord>>;

internal sealed class ListOrdersHandler(IOrderQueries orders, IMapper mapper) : IRequestHandler<ListOrders, IReadOnlyList<OrderRecord>>
{
    public async Task<IReadOnlyList<OrderRecord>> Handle(ListOrders request, CancellationToken cancellationToken) =>
        mapper.Map<List<OrderRecord>>(await orders.ReadNewestAsync(request.Attention, request.Before, 100, cancellationToken));
}
