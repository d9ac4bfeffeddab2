using FluentValidation;
using MediatR;
using PayRecharge.Domain;

namespace PayRecharge.Application.Orders;

/// <summary>Closes an unpaid order, first at the gateway. A payment that still arrives is fulfilled.</summary>
/// <param name="OrderId">The id of the order.</param>
public sealed record CloseOrder(long OrderId) : IRequest<OrderRecord>, IAdminChange
{
    string? IAdminChange.Subject => $"order {OrderId}";
}

internal sealed class CloseOrderValidator : AbstractValidator<CloseOrder>
{
    public CloseOrderValidator() => RuleFor(c => c.OrderId).GreaterThan(0);
}

internal sealed class CloseOrderHandler(IOrderQueries orders, Reconciliation reconciliation, OrderRecords records) : IRequestHandler<CloseOrder, OrderRecord>
{
    public async Task<OrderRecord> Handle(CloseOrder request, CancellationToken cancellationToken)
    {
        var order = await orders.ReadAsync(request.OrderId, cancellationToken) ?? throw new RefusedException(Refusal.OrderUnknown);
        if (!await reconciliation.TryCloseThereAsync(order, cancellationToken))
            throw new RefusedException(Refusal.GatewayFailed, "the gateway did not close the order; it may be paid");
        await reconciliation.CloseHereAsync(order.Id, doubt: null, cancellationToken);
        return await records.ReadAsync(request.OrderId, cancellationToken);
    }
}
