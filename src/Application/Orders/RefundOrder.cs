using System.Security.Cryptography;
using System.Text;
using FluentValidation;
using MediatR;
using PayRecharge.Application.Payments;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Orders;

/// <summary>
/// Refunds an order through the gateway and takes back the delivered goods, as far as they are still there. A repeated call finishes
/// what a crash or an unanswered call left open; the money goes back once. Only one call at a time asks the gateway: of two
/// concurrent calls, the refused one could end last and hide the other's refund.
/// </summary>
/// <param name="OrderId">The id of the order.</param>
/// <param name="Reason">The admin's reason; stored.</param>
public sealed record RefundOrder(long OrderId, string Reason) : IRequest<OrderRecord>, IAdminChange
{
    string? IAdminChange.Subject => $"order {OrderId}";
}

internal sealed class RefundOrderValidator : AbstractValidator<RefundOrder>
{
    public RefundOrderValidator()
    {
        RuleFor(c => c.OrderId).GreaterThan(0);
        RuleFor(c => c.Reason).NotEmpty().MaximumLength(200);
    }
}

internal sealed class RefundOrderHandler(
    IOrderRepository orders, ICardRepository cards, IUserAccountRepository accounts, INotificationRepository notifications,
    IOrderQueries queries, Reconciliation reconciliation, IUnitOfWork unit, OrderRecords records, TimeProvider clock)
    : IRequestHandler<RefundOrder, OrderRecord>
{
    public async Task<OrderRecord> Handle(RefundOrder request, CancellationToken cancellationToken)
    {
        // Stored first: whatever the call does, the order shows that its money may be on its way back, and its kami cannot be redeemed.
        var begun = await unit.ExecuteAsync(async cancel =>
        {
            var (locked, now) = (await LockAsync(request.OrderId, cancel), clock.GetUtcNow());
            if (!locked.BeginRefund(request.Reason, now)) return false;
            (await LockKamiAsync(locked, cancel))?.TryVoid(now);
            return true;
        }, cancellationToken);
        var order = await queries.ReadAsync(request.OrderId, cancellationToken);
        if (!begun) return await records.ReadAsync(request.OrderId, cancellationToken);

        var claim = order!.RefundClaimedUntil;
        var reply = await AskAsync(order, claim);
        await unit.ExecuteAsync(async cancel =>
        {
            var locked = await LockAsync(request.OrderId, cancel);
            if (locked.Status == OrderStatus.Refunded) return true;
            if (reply.Done) await EndAsync(locked, $"{request.Reason}\n{reply.Content}", cancel);
            else await KeepAsync(locked, reply.Content, claim, cancel);
            return true;
        }, CancellationToken.None);
        if (!reply.Done) throw new RefusedException(Refusal.GatewayFailed, $"refund refused: {reply.Content}");
        return await records.ReadAsync(request.OrderId, cancellationToken);
    }

    private async Task<RefundReply> AskAsync(Order order, DateTimeOffset? claim)
    {
        try
        {
            return await reconciliation.RefundThereAsync(order, CancellationToken.None);
        }
        catch
        {
            await unit.ExecuteAsync(async cancel =>
            {
                (await LockAsync(order.Id, cancel)).ReleaseRefund(claim);
                return true;
            }, CancellationToken.None);
            throw;
        }
    }

    private async Task EndAsync(Order order, string evidence, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        order.Refund(order.FulfilledAt is null ? null : await TakeBackAsync(order, now, cancellationToken), now);
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"refund\n{order.Number}")));
        notifications.Add(Notification.Of(NotificationSource.Refund, order.Gateway, hash, signed: true, order.Number, RawMessage.Of(evidence), null, now));
    }

    // No money went back, so a paid, undelivered order must be delivered again.
    private async Task KeepAsync(Order order, string why, DateTimeOffset? claim, CancellationToken cancellationToken)
    {
        if (!order.EndRefund($"refund refused: {why}", claim)) return;
        (await LockKamiAsync(order, cancellationToken))?.Restore();
        if (order.Status == OrderStatus.NeedsAttention)
            await orders.RescheduleAsync(order, clock.GetUtcNow() + CheckPriority.RedeliverEvery, cancellationToken);
    }

    /// <summary>Takes back the delivered goods. Returns a remark about goods that could not be taken back, or null.</summary>
    private async Task<string?> TakeBackAsync(Order order, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (givenKey, seconds) = (LedgerKeys.Order(order.Id), order.Purchase.Seconds);
        if (order.Purchase.Kind == PurchaseKind.Kami)
        {
            if (await LockKamiAsync(order, cancellationToken) is not { } kami) return "refunded; its kami is gone";
            if (kami.TryVoid(now)) return null;
            // Another person may have bought the code in good faith.
            if (kami.RedeemedBy != order.Uid) return $"refunded; its kami was redeemed by account {kami.RedeemedBy} and stays redeemed";
            givenKey = LedgerKeys.Kami(kami.Id);
        }
        var missing = await accounts.TakeBackAsync(order.Uid, givenKey, seconds, LedgerKeys.Refund(order.Id), now, cancellationToken);
        return missing.Amounts.Count == 0 ? null
            : "refunded; not there any more to be taken back: " + string.Join(", ", missing.Amounts.Select(a => $"{a.Value} {a.Key}"));
    }

    private async Task<Kami?> LockKamiAsync(Order order, CancellationToken cancellationToken) =>
        order.Purchase.Kind == PurchaseKind.Kami ? await cards.LockKamiOfAsync(order.Id, cancellationToken) : null;

    private async Task<Order> LockAsync(long id, CancellationToken cancellationToken) =>
        await orders.LockAsync(id, cancellationToken) ?? throw new RefusedException(Refusal.OrderUnknown);
}
