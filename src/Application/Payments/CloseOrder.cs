using AutoMapper;
using FluentValidation;
using MediatR;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Payments;

/// <summary>Ends an unpaid order, at the gateway first. Money that comes all the same is still fulfilled.</summary>
/// <param name="OrderId">The order.</param>
public sealed record CloseOrder(long OrderId) : IRequest<OrderRecord>;

internal sealed class CloseOrderValidator : AbstractValidator<CloseOrder>
{
    public CloseOrderValidator() => RuleFor(c => c.OrderId).GreaterThan(0);
}

internal sealed class CloseOrderHandler(
    IOrderRepository orders, IOrderQueries queries, IPaymentGateway gateway, ISettingsStore store, IUnitOfWork unit, IMapper mapper, TimeProvider clock)
    : IRequestHandler<CloseOrder, OrderRecord>
{
    public async Task<OrderRecord> Handle(CloseOrder request, CancellationToken cancellationToken)
    {
        var order = await queries.ReadAsync(request.OrderId, cancellationToken) ?? throw new RefusedException(Refusal.OrderUnknown);
        if (order is { Status: OrderStatus.Pending, GatewayOrderId: { } gatewayOrderId })
        {
            var merchant = (await store.GetAsync(cancellationToken)).MerchantsAt(clock.GetUtcNow()).FirstOrDefault(m => m.Id == order.MerchantId)
                ?? throw new RefusedException(Refusal.GatewayNotConfigured, "the order's merchant was replaced too long ago");
            if (!await gateway.CloseAsync(gatewayOrderId, merchant, cancellationToken))
                throw new RefusedException(Refusal.GatewayFailed, "the gateway did not close the order; it may be paid");
        }
        var closed = await unit.ExecuteAsync(async cancel =>
        {
            var stored = await orders.LockAsync(request.OrderId, cancel) ?? throw new RefusedException(Refusal.OrderUnknown);
            stored.Close();
            return stored;
        }, cancellationToken);
        return mapper.Map<OrderRecord>(closed);
    }
}
