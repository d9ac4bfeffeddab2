using FluentValidation;
using MediatR;
using PayRecharge.Domain;

namespace PayRecharge.Application.Orders;

/// <summary>Queries the gateway now whether an order is paid, and delivers if it is.</summary>
/// <param name="OrderId">The id of the order.</param>
public sealed record ReconcileOrder(long OrderId) : IRequest<OrderRecord>, IAdminChange
{
    string? IAdminChange.Subject => $"order {OrderId}";
}

internal sealed class ReconcileOrderValidator : AbstractValidator<ReconcileOrder>
{
    public ReconcileOrderValidator() => RuleFor(c => c.OrderId).GreaterThan(0);
}

internal sealed class ReconcileOrderHandler(IOrderQueries orders, Reconciliation reconciliation, OrderRecords records)
    : IRequestHandler<ReconcileOrder, OrderRecord>
{
    public async Task<OrderRecord> Handle(ReconcileOrder request, CancellationToken cancellationToken)
    {
        var order = await orders.ReadAsync(request.OrderId, cancellationToken);
        if (order?.GatewayOrderId is not { } gatewayOrderId) throw new RefusedException(Refusal.OrderUnknown);
        await reconciliation.AskAsync(order, gatewayOrderId, cancellationToken);
        return await records.ReadAsync(request.OrderId, cancellationToken);
    }
}
