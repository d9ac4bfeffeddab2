using Microsoft.Extensions.Logging;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Payments;

/// <summary>The only code path from a reported payment to delivered goods. Runs inside a unit of work.</summary>
internal sealed class Settlement(
    IOrderRepository orders, ICardRepository cards, IUserAccountRepository accounts, INotificationRepository notifications,
    TimeProvider clock, ILogger<Settlement> logger)
{
    /// <summary>How many messages that prove no payment are stored.</summary>
    private const int UnsignedKept = 10_000;

    /// <summary>The signature is valid but proves nothing: anyone who learnt the old key could have made it.</summary>
    private const string RetiredKey = "signed by a key that was retired before the order was made";

    /// <summary>Judges a message, delivers the order that it pays for, and stores it as evidence.</summary>
    /// <param name="message">The message.</param>
    /// <param name="source">How the message arrived.</param>
    /// <param name="remoteAddress">The sender's address; null unless the message is a notice.</param>
    /// <param name="mayBeKept">
    /// Whether to look for the message among the stored ones. If false, a first payment counts as a new message, and an already stored
    /// message causes a <see cref="UniqueConstraintException"/>.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Why the message is in quarantine, or null if it is a payment, new or known; and the stored message.</returns>
    public async Task<(string? Defect, Notification Kept)> SettleAsync(
        GatewayMessage message, NotificationSource source, string? remoteAddress, bool mayBeKept, CancellationToken cancellationToken)
    {
        var order = message is { Signed: true, OrderNumber: { } number } ? await orders.LockByNumberAsync(number, cancellationToken) : null;
        var paidBefore = order?.PaidAt is not null;
        var defect = message.Defect ?? await PayAsync(order, message, source, cancellationToken);
        if (defect is not null)
        {
            var isGenuine = message.Signed && defect != RetiredKey;
            logger.LogWarning("A {Kind} notification went into quarantine: {Defect}; order {Number}", isGenuine ? "signed" : "forged", defect, order?.Number);
            if (isGenuine) order?.MarkForAttention($"quarantined notification: {defect}");
            else message = message with { Signed = false };
        }
        var known = mayBeKept || defect is not null || paidBefore ? await notifications.FindAsync(message.Gateway, message.ContentHash, cancellationToken) : null;
        // A stored notice is a repeat that an admin may have handled. A query's answer is always stored before this point.
        if (defect is null && paidBefore && (known is null || source == NotificationSource.Check)) order!.TakeAnotherPayment(message.Payment!);
        known?.Judge(defect, message.Signed, message.OrderNumber);
        var kept = known ?? await KeepAsync(message, source, remoteAddress, defect, cancellationToken);
        if (defect is null && !paidBefore) kept.Confirm(message.Payment!);
        return (defect, kept);
    }

    /// <summary>Applies the payment of an order that waits for one, delivers, and stores the message as evidence.</summary>
    /// <param name="order">The order, locked.</param>
    /// <param name="message">The message, with a payment.</param>
    /// <param name="source">How the message arrived.</param>
    /// <param name="remoteAddress">The sender's address.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>False if the payment needs the slow path; nothing was changed.</returns>
    public async Task<bool> TrySettleAsync(
        Order order, GatewayMessage message, NotificationSource source, string remoteAddress, CancellationToken cancellationToken)
    {
        if (order.GatewayOrderId is null || !IsSignedFor(order, message) || order.ConfirmPaid(message.Payment!) != PaymentConfirmation.FirstTime) return false;
        await DeliverAsync(order, cancellationToken);
        (await KeepAsync(message, source, remoteAddress, defect: null, cancellationToken)).Confirm(message.Payment!);
        return true;
    }

    /// <summary>Delivers a paid order. If that is refused, marks the order for an admin and schedules a retry.</summary>
    public async Task DeliverAsync(Order order, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var key = LedgerKeys.Order(order.Id);
        try
        {
            if (order.Purchase.Kind == PurchaseKind.Kami)
            {
                await accounts.RecordKamiAsync(order.Uid, key, now, cancellationToken);
                cards.AddKami(Kami.For(order, now));
            }
            else
            {
                await accounts.GrantAsync(order.Uid, order.Purchase.ToGrant(), key, now, cancellationToken);
            }
            order.Fulfil(now);
        }
        catch (RefusedException refused)
        {
            logger.LogWarning("Order {Number} is paid and could not be delivered: {Reason}", order.Number, refused.Message);
            order.RefuseFulfilment(refused.Refusal);
            await orders.RescheduleAsync(order, now + CheckPriority.RedeliverEvery, cancellationToken);
        }
    }

    private async Task<string?> PayAsync(Order? order, GatewayMessage message, NotificationSource source, CancellationToken cancellationToken)
    {
        if (order is null) return "unknown order";
        var payment = message.Payment!;
        if (payment.Gateway != order.Gateway) return "another gateway";
        if (payment.MerchantId != order.MerchantId) return "another merchant";
        if (source != NotificationSource.Admin && !IsSignedFor(order, message)) return RetiredKey;
        if (order.GatewayOrderId is null && await orders.HasGatewayOrderAsync(payment.Gateway, payment.GatewayOrderId, cancellationToken))
            return "the gateway's id belongs to another order";
        var confirmation = order.ConfirmPaid(payment);
        if (confirmation == PaymentConfirmation.FirstTime) await DeliverAsync(order, cancellationToken);
        return confirmation switch
        {
            PaymentConfirmation.FirstTime or PaymentConfirmation.Already => null,
            PaymentConfirmation.OtherGateway => "another gateway",
            PaymentConfirmation.OtherMerchant => "another merchant",
            PaymentConfirmation.OtherAmount => "another amount",
            _ => "another gateway order",
        };
    }

    private static bool IsSignedFor(Order order, GatewayMessage message) => message.Keys.Any(key => key.SignsFor(order));

    private async Task<Notification> KeepAsync(GatewayMessage message, NotificationSource source, string? remoteAddress, string? defect, CancellationToken cancellationToken)
    {
        var added = Notification.Of(
            source, message.Gateway, message.ContentHash, message.Signed, message.OrderNumber, message.Raw, remoteAddress, clock.GetUtcNow(), defect);
        notifications.Add(added);
        if (!message.Signed) await notifications.TrimUnsignedAsync(UnsignedKept, cancellationToken);
        return added;
    }
}
