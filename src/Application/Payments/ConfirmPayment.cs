using FluentValidation;
using MediatR;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Payments;

/// <summary>Processes a notice that claims that an order is paid.</summary>
/// <param name="Gateway">The code of the gateway that the notice claims to be from.</param>
/// <param name="Notice">The notice as received.</param>
/// <param name="RemoteAddress">The sender's address.</param>
public sealed record ConfirmPayment(string Gateway, RawMessage Notice, string RemoteAddress) : IRequest<NoticeVerdict>;

/// <summary>The result of a notice.</summary>
public enum NoticeVerdict
{
    /// <summary>The payment is stored, now or before.</summary>
    Accepted,
    /// <summary>The notice is in quarantine.</summary>
    Quarantined,
    /// <summary>The notice was defective, and its sender has sent too many of those.</summary>
    TooMany,
    /// <summary>No merchant is set, so nothing can be verified.</summary>
    NotConfigured,
}

internal sealed class ConfirmPaymentValidator : AbstractValidator<ConfirmPayment>
{
    public ConfirmPaymentValidator() => RuleFor(c => c.Notice.Body.Length).LessThanOrEqualTo(Notification.MaximumBytes);
}

internal sealed class ConfirmPaymentHandler(
    PaymentGateways gateways, SharedSettlement shared, Settlement settlement, IDefectiveNoticeQuota quota, ISettingsStore store, IUnitOfWork unit, TimeProvider clock)
    : IRequestHandler<ConfirmPayment, NoticeVerdict>
{
    public async Task<NoticeVerdict> Handle(ConfirmPayment request, CancellationToken cancellationToken)
    {
        var merchants = (await store.GetAsync(cancellationToken)).MerchantsAt(request.Gateway, clock.GetUtcNow());
        if (merchants.Count == 0) return NoticeVerdict.NotConfigured;

        var message = gateways.Of(request.Gateway).ReadNotice(request.Notice, merchants);
        if (message.Defect is not null && !quota.TryTake(request.RemoteAddress)) return NoticeVerdict.TooMany;

        if (message.Defect is null && await IsSettledAsync(message, request.RemoteAddress, cancellationToken)) return NoticeVerdict.Accepted;

        for (var firstTry = true; ; firstTry = false)
        {
            try
            {
                var (defect, _) = await unit.ExecuteAsync(
                    cancel => settlement.SettleAsync(message, NotificationSource.Notify, request.RemoteAddress, mayBeKept: !firstTry, cancel), cancellationToken);
                return defect is null ? NoticeVerdict.Accepted : NoticeVerdict.Quarantined;
            }
            catch (UniqueConstraintException) when (firstTry)
            {
                // The message is already stored, or a concurrent copy was stored first; the retry finds it.
            }
        }
    }

    private async Task<bool> IsSettledAsync(GatewayMessage message, string remoteAddress, CancellationToken cancellationToken)
    {
        try
        {
            return await shared.TrySettleAsync(message, remoteAddress, cancellationToken);
        }
        catch (UniqueConstraintException)
        {
            return false;
        }
    }
}
