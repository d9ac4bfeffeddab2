using AutoMapper;
using FluentValidation;
using MediatR;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Payments;

/// <summary>
/// Judges a message in quarantine again, for example if the merchant's key was set too late, and delivers the order that it pays for.
/// The answer to an own query is not trusted again: the query is repeated. Returns the message after that.
/// </summary>
/// <param name="Id">The id of the message.</param>
public sealed record JudgeNotification(long Id) : IRequest<NotificationView>, IAdminChange
{
    string? IAdminChange.Subject => $"notification {Id}";
}

internal sealed class JudgeNotificationValidator : AbstractValidator<JudgeNotification>
{
    public JudgeNotificationValidator() => RuleFor(c => c.Id).GreaterThan(0);
}

internal sealed class JudgeNotificationHandler(
    INotificationRepository notifications, IOrderQueries orders, PaymentGateways gateways, Settlement settlement, Reconciliation reconciliation,
    ISettingsStore store, IUnitOfWork unit, IMapper mapper, TimeProvider clock) : IRequestHandler<JudgeNotification, NotificationView>
{
    public async Task<NotificationView> Handle(JudgeNotification request, CancellationToken cancellationToken)
    {
        var settings = await store.GetAsync(cancellationToken);
        var judged = await unit.ExecuteAsync(async cancel =>
        {
            var kept = await notifications.FindAsync(request.Id, cancel) ?? throw new RefusedException(Refusal.NotificationUnknown);
            if (kept is not { QuarantineReason: not null, Source: NotificationSource.Notify }) return kept;
            var message = gateways.Of(kept.Gateway).ReadNotice(kept.Raw, settings.MerchantsAt(kept.Gateway, clock.GetUtcNow()));
            var (_, row) = await settlement.SettleAsync(message, NotificationSource.Notify, kept.RemoteAddress, mayBeKept: true, cancel);
            // If the message now counts as signed, it has another hash and its own row.
            if (row != kept) notifications.Remove(kept);
            return row;
        }, cancellationToken);

        if (judged is { QuarantineReason: not null, Source: NotificationSource.Check, OrderNumber: { } number }
            && await orders.ReadByNumberAsync(number, cancellationToken) is { GatewayOrderId: { } gatewayOrderId } order)
        {
            await reconciliation.AskAsync(order, gatewayOrderId, cancellationToken);
            judged = await unit.ExecuteAsync(cancel => notifications.FindAsync(request.Id, cancel), cancellationToken);
        }
        return mapper.Map<NotificationView>(judged);
    }
}
