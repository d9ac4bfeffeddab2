using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Orders;

/// <summary>Queries the gateway about an order and acts on the answer.</summary>
internal sealed class Reconciliation(
    PaymentGateways gateways, Settlement settlement, IOrderRepository orders, INotificationRepository notifications,
    ISettingsStore store, IUnitOfWork unit, TimeProvider clock)
{
    /// <summary>Queries whether an order is paid; if it is, the goods are delivered.</summary>
    /// <returns>Whether it is paid.</returns>
    /// <exception cref="RefusedException"><see cref="Refusal.GatewayFailed"/>: no valid answer, or a "paid" that does not match the
    /// order; <see cref="Refusal.GatewayNotConfigured"/>: the order's merchant was replaced too long ago.</exception>
    public async Task<bool> AskAsync(Order order, string gatewayOrderId, CancellationToken cancellationToken)
    {
        var message = await gateways.Of(order.Gateway).CheckAsync(gatewayOrderId, await KeysOfAsync(order, cancellationToken), cancellationToken);
        if (message.Payment is null) return false;

        // For the gateway, its "paid" is now delivered to us: store it before anything else can fail.
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
            // A concurrent query stored the same answer.
        }
        var (defect, _) = await unit.ExecuteAsync(cancel => settlement.SettleAsync(message, NotificationSource.Check, null, mayBeKept: true, cancel), CancellationToken.None);
        // The payment is not settled, and the gateway may send no more notices: make the caller query again.
        return defect is null ? true : throw new RefusedException(Refusal.GatewayFailed, $"the gateway's \"paid\" does not fit: {defect}");
    }

    /// <summary>Tries again to deliver a paid order, unless its money may be on its way back.</summary>
    /// <returns>The order after that.</returns>
    /// <exception cref="RefusedException"><see cref="Refusal.OrderUnknown"/>.</exception>
    public Task<Order> RedeliverAsync(long orderId, CancellationToken cancellationToken) => unit.ExecuteAsync(async cancel =>
    {
        var order = await orders.LockAsync(orderId, cancel) ?? throw new RefusedException(Refusal.OrderUnknown);
        if (order is { Status: OrderStatus.NeedsAttention, RefundRequestedAt: null }) await settlement.DeliverAsync(order, cancel);
        return order;
    }, cancellationToken);

    /// <summary>Asks the gateway to refund an order.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.GatewayFailed"/>: it is unknown whether it did.</exception>
    public async Task<RefundReply> RefundThereAsync(Order order, CancellationToken cancellationToken) =>
        await gateways.Of(order.Gateway).RefundAsync(order.GatewayOrderId!, await KeysOfAsync(order, cancellationToken), cancellationToken);

    /// <summary>Closes an unpaid order at the gateway, if the gateway has it.</summary>
    /// <returns>False if the gateway refused, as it does for a paid order.</returns>
    /// <exception cref="RefusedException"><see cref="Refusal.GatewayFailed"/>: no valid answer.</exception>
    public async Task<bool> TryCloseThereAsync(Order order, CancellationToken cancellationToken) =>
        order is not { Status: OrderStatus.Pending, GatewayOrderId: { } gatewayOrderId }
        || await gateways.Of(order.Gateway).CloseAsync(gatewayOrderId, await KeysOfAsync(order, cancellationToken), cancellationToken);

    /// <summary>Closes an unpaid order on our side only.</summary>
    /// <param name="orderId">The id of the order.</param>
    /// <param name="doubt">Why it might still be paid, for admins; null if there is no doubt.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task CloseHereAsync(long orderId, string? doubt, CancellationToken cancellationToken) => unit.ExecuteAsync(async cancel =>
    {
        (await orders.LockAsync(orderId, cancel))?.Close(doubt);
        return true;
    }, cancellationToken);

    private async Task<IReadOnlyList<Merchant>> KeysOfAsync(Order order, CancellationToken cancellationToken) =>
        [.. (await store.GetAsync(cancellationToken)).MerchantsAt(order.Gateway, clock.GetUtcNow()).Where(m => m.SignsFor(order))];
}
