using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Orders;

/// <summary>Asks the gateway about an order and acts on what it says.</summary>
internal sealed class Reconciliation(
    PaymentGateways gateways, Settlement settlement, IOrderRepository orders, INotificationRepository notifications,
    ISettingsStore store, IUnitOfWork unit, TimeProvider clock)
{
    /// <summary>Asks whether an order is paid; if it is, what was bought is delivered.</summary>
    /// <returns>Whether it is paid.</returns>
    /// <exception cref="RefusedException"><see cref="Refusal.GatewayFailed"/>: no answer that can be believed, or one that says
    /// "paid" and does not fit the order; <see cref="Refusal.GatewayNotConfigured"/>: the order's merchant was replaced too long ago.</exception>
    public async Task<bool> AskAsync(Order order, string gatewayOrderId, CancellationToken cancellationToken)
    {
        var message = await gateways.Of(order.Gateway).CheckAsync(gatewayOrderId, await KeysOfAsync(order, cancellationToken), cancellationToken);
        if (message.Payment is null) return false;

        // The gateway counts its "paid" as delivered to us: it must be stored before anything else can fail.
        try
        {
            await unit.ExecuteAsync(async cancel =>
            {
                if (await notifications.FindAsync(message.Gateway, message.ContentHash, cancel) is null)
                    notifications.Add(Notification.Of(
                        NotificationSource.Check, message.Gateway, message.ContentHash, message.Signed, message.OrderNumber, message.Raw, null, clock.GetUtcNow()));
                return true;
            }, CancellationToken.None);
        }
        catch (UniqueConstraintException)
        {
            // Somebody else asked at the same time and stored the same answer.
        }
        var (defect, _) = await unit.ExecuteAsync(cancel => settlement.SettleAsync(message, NotificationSource.Check, null, mayBeKept: true, cancel), CancellationToken.None);
        // Not known to be paid, and the gateway may have stopped telling: it has to be asked again.
        return defect is null ? true : throw new RefusedException(Refusal.GatewayFailed, $"the gateway's \"paid\" does not fit: {defect}");
    }

    /// <summary>Delivers what is paid and could not be delivered before, unless its money may be on its way back.</summary>
    /// <returns>The order as it stands then.</returns>
    /// <exception cref="RefusedException"><see cref="Refusal.OrderUnknown"/>.</exception>
    public Task<Order> RedeliverAsync(long orderId, CancellationToken cancellationToken) => unit.ExecuteAsync(async cancel =>
    {
        var order = await orders.LockAsync(orderId, cancel) ?? throw new RefusedException(Refusal.OrderUnknown);
        if (order is { Status: OrderStatus.NeedsAttention, RefundRequestedAt: null }) await settlement.DeliverAsync(order, cancel);
        return order;
    }, cancellationToken);

    /// <summary>Asks the gateway to give an order's money back.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.GatewayFailed"/>: whether it did is not known.</exception>
    public async Task<RefundReply> RefundThereAsync(Order order, CancellationToken cancellationToken) =>
        await gateways.Of(order.Gateway).RefundAsync(order.GatewayOrderId!, await KeysOfAsync(order, cancellationToken), cancellationToken);

    /// <summary>Ends an unpaid order at the gateway, where that knows it.</summary>
    /// <returns>False where the gateway refused, as it does when the order is paid.</returns>
    /// <exception cref="RefusedException"><see cref="Refusal.GatewayFailed"/>: no answer that can be believed.</exception>
    public async Task<bool> TryCloseThereAsync(Order order, CancellationToken cancellationToken) =>
        order is not { Status: OrderStatus.Pending, GatewayOrderId: { } gatewayOrderId }
        || await gateways.Of(order.Gateway).CloseAsync(gatewayOrderId, await KeysOfAsync(order, cancellationToken), cancellationToken);

    /// <summary>Ends an unpaid order on our side alone.</summary>
    /// <param name="orderId">The order.</param>
    /// <param name="doubt">Why it might be paid all the same, for admins; absent where it is not.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task CloseHereAsync(long orderId, string? doubt, CancellationToken cancellationToken) => unit.ExecuteAsync(async cancel =>
    {
        (await orders.LockAsync(orderId, cancel))?.Close(doubt);
        return true;
    }, cancellationToken);

    private async Task<IReadOnlyList<Merchant>> KeysOfAsync(Order order, CancellationToken cancellationToken) =>
        [.. (await store.GetAsync(cancellationToken)).MerchantsAt(order.Gateway, clock.GetUtcNow()).Where(m => m.SignsFor(order))];
}
