using System.Security.Cryptography;
using FluentValidation;
using MediatR;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Payments;

/// <summary>
/// Runs an order, a poll and a payment once, and leaves no trace. The runtime compiles code on first use; without a rehearsal, the
/// first notice would exceed its two seconds.
/// </summary>
public sealed record RehearsePayment : IRequest;

internal sealed class RehearsePaymentValidator : AbstractValidator<RehearsePayment>;

internal sealed class RehearsePaymentHandler(
    IOrderRepository orders, IOrderPolls polls, IUserAccountRepository accounts, Settlement settlement, ISettingsStore store, IUnitOfWork unit, TimeProvider clock)
    : AsyncRequestHandler<RehearsePayment>
{
    /// <summary>No gateway has this code.</summary>
    private const string Gateway = "rehearsal";

    protected override async Task Handle(RehearsePayment request, CancellationToken cancellationToken)
    {
        // Several instances may rehearse concurrently, so unique values are random.
        var name = RandomNumberGenerator.GetHexString(32);
        var settings = await store.GetAsync(cancellationToken);
        // These calls find no row.
        await polls.CountAndReadAsync(name, cancellationToken);
        await accounts.FindAsync(new AccountReference(AccountReferenceKind.UserName, name), cancellationToken);
        await orders.TryAttachGatewayOrderAsync(0, name, cancellationToken);
        await unit.RehearseAsync(cancel => PayAsync(name, settings.Mode, cancel), cancellationToken);
    }

    private async Task PayAsync(string name, GatewayMode mode, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        // The database assigns no negative ids.
        var buyer = UserAccount.Create(-RandomNumberGenerator.GetInt32(int.MaxValue), name, null, permanent: false, now);
        var placed = Order.Place(name, Gateway, "rehearsal", 0, mode, buyer.Uid, Purchase.OfCredits(1, 1, 100), 1, "", "", PaymentChannel.WeChat, now);
        placed.AttachGatewayOrder(name);
        orders.Add(placed, now, "", 0);
        // Also stores the order.
        await accounts.AddAsync(buyer, Grant.Nothing, cancellationToken);

        var order = (await orders.LockFreeAsync([name], cancellationToken)).Single();
        await accounts.LockFreeAsync([order.Uid], cancellationToken);
        var payment = new ReportedPayment(Gateway, order.MerchantId, mode, name, name, order.AmountFen, "", now);
        var message = new GatewayMessage(Gateway, name, Signed: true, name, RawMessage.Of(""), null, payment) { Keys = [new Merchant(Gateway, order.MerchantId, "")] };
        await settlement.TrySettleAsync(order, message, NotificationSource.Notify, "", cancellationToken);
    }
}
