using System.Security.Cryptography;
using System.Text;
using FluentValidation;
using MediatR;
using PayRecharge.Application.Payments;
using PayRecharge.Domain;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Orders;

/// <summary>
/// Confirms by an admin's word that an order is paid, if the gateway can no longer report it, and delivers. The word is stored.
/// </summary>
/// <param name="OrderId">The id of the order.</param>
/// <param name="Reason">How the admin knows; stored.</param>
/// <param name="GatewayOrderId">The gateway's id of the order; required if it was lost.</param>
public sealed record ConfirmOrder(long OrderId, string Reason, string? GatewayOrderId) : IRequest<OrderRecord>, IAdminChange
{
    string? IAdminChange.Subject => $"order {OrderId}";
}

internal sealed class ConfirmOrderValidator : AbstractValidator<ConfirmOrder>
{
    public ConfirmOrderValidator()
    {
        RuleFor(c => c.OrderId).GreaterThan(0);
        RuleFor(c => c.Reason).NotEmpty().MaximumLength(200);
        RuleFor(c => c.GatewayOrderId).Matches("^[0-9A-Za-z]{1,32}\\z");
    }
}

internal sealed class ConfirmOrderHandler(
    IOrderQueries orders, PaymentGateways gateways, Settlement settlement, IUnitOfWork unit, OrderRecords records, TimeProvider clock)
    : IRequestHandler<ConfirmOrder, OrderRecord>
{
    public async Task<OrderRecord> Handle(ConfirmOrder request, CancellationToken cancellationToken)
    {
        var order = await orders.ReadAsync(request.OrderId, cancellationToken) ?? throw new RefusedException(Refusal.OrderUnknown);
        var gatewayOrderId = request.GatewayOrderId ?? order.GatewayOrderId
            ?? throw new RefusedException(Refusal.FieldInvalid, "the gateway's id of the order is not known here: give it as gatewayOrderId");
        // A paid order does not change, and a needless word is not evidence.
        if (order.PaidAt is null)
        {
            var payment = new ReportedPayment(order.Gateway, order.MerchantId, gateways.Mode, order.Number, gatewayOrderId, order.AmountFen, "", clock.GetUtcNow());
            var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"admin\n{order.Number}\n{gatewayOrderId}")));
            var word = new GatewayMessage(order.Gateway, hash, Signed: true, order.Number, RawMessage.Of(request.Reason), null, payment);
            var (defect, _) = await unit.ExecuteAsync(cancel => settlement.SettleAsync(word, NotificationSource.Admin, null, mayBeKept: true, cancel), cancellationToken);
            if (defect is not null) throw new RefusedException(Refusal.FieldInvalid, defect);
        }
        return await records.ReadAsync(request.OrderId, cancellationToken);
    }
}
