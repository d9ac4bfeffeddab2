using AutoMapper;
using FluentValidation;
using MediatR;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Payments;

/// <summary>Asks the gateway now whether an order is paid, and delivers if it is.</summary>
/// <param name="OrderId">The order.</param>
public sealed record ReconcileOrder(long OrderId) : IRequest<OrderRecord>;

internal sealed class ReconcileOrderValidator : AbstractValidator<ReconcileOrder>
{
    public ReconcileOrderValidator() => RuleFor(c => c.OrderId).GreaterThan(0);
}

internal sealed class ReconcileOrderHandler(
    IOrderQueries orders, IPaymentGateway gateway, Settlement settlement, INotificationRepository notifications,
    ISettingsStore store, IUnitOfWork unit, IMapper mapper, TimeProvider clock)
    : IRequestHandler<ReconcileOrder, OrderRecord>
{
    public async Task<OrderRecord> Handle(ReconcileOrder request, CancellationToken cancellationToken)
    {
        var order = await orders.ReadAsync(request.OrderId, cancellationToken);
        if (order?.GatewayOrderId is not { } gatewayOrderId) throw new RefusedException(Refusal.OrderUnknown);
        var merchant = (await store.GetAsync(cancellationToken)).MerchantsAt(clock.GetUtcNow()).FirstOrDefault(m => m.Id == order.MerchantId)
            ?? throw new RefusedException(Refusal.GatewayNotConfigured, "the order's merchant was replaced too long ago");

        var message = await gateway.CheckAsync(gatewayOrderId, merchant, cancellationToken);
        if (message.Payment is not null)
        {
            // The gateway counts its "paid" as delivered to us: it must be stored before anything else can fail.
            await unit.ExecuteAsync(async cancel =>
            {
                if (await notifications.FindAsync(message.ContentHash, cancel) is null)
                    notifications.Add(Notification.Of(
                        NotificationSource.Check, message.ContentHash, message.Signed, message.OrderNumber, message.Content, null, clock.GetUtcNow()));
                return true;
            }, CancellationToken.None);
            await unit.ExecuteAsync(cancel => settlement.SettleAsync(message, NotificationSource.Check, null, cancel), CancellationToken.None);
        }
        return mapper.Map<OrderRecord>(await orders.ReadAsync(request.OrderId, cancellationToken));
    }
}
