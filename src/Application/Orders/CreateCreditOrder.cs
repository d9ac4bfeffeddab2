using System.Globalization;
using FluentValidation;
using MediatR;
using PayRecharge.Application.Behaviors;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>Places an order for credits of one type.</summary>
/// <param name="Buyer">The account that gets them.</param>
/// <param name="Money">Decimal yuan as the client sent it.</param>
/// <param name="CreditType">1 to 8 as the client sent it.</param>
/// <param name="Title">The title the buyer sees when paying, at most 64 characters.</param>
/// <param name="Attach">The client's own text, at most 127 characters.</param>
/// <param name="Channel">The wallet to pay with.</param>
/// <param name="Caller">The caller's address, as counted by limits.</param>
public sealed record CreateCreditOrder(
    AccountReference Buyer, string Money, string CreditType, string Title, string Attach, PaymentChannel Channel, string Caller)
    : IRequest<PlacementOutcome>, IOrderRequest
{
    /// <summary>The credit type, or 0 if it is invalid.</summary>
    internal int CreditTypeNumber =>
        int.TryParse(CreditType, NumberStyles.None, CultureInfo.InvariantCulture, out var type) && CreditType.Length == 1 ? type : 0;
}

internal sealed class CreateCreditOrderValidator : AbstractValidator<CreateCreditOrder>
{
    public CreateCreditOrderValidator(OrderRules rules, ISettingsStore store)
    {
        ClassLevelCascadeMode = RuleLevelCascadeMode = CascadeMode.Stop;
        OrderRules.TextsFit(this);
        rules.BuyerMayOrder(this);
        RuleFor(c => c.Money)
            .MustAsync((c, money, cancel) => rules.IsPayableAsync(c.Buyer, Fen.TryParseYuan(money, out var fen) ? fen : null, (s, price) => GrantOf(c, s, price), cancel))
            .Refusing(Refusal.AmountInvalid);
        rules.GatewayIsReady(this);
        RuleFor(c => c.CreditTypeNumber)
            .MustAsync(async (type, cancel) => (await store.GetAsync(cancel)).CreditRatio(type) > 0).Refusing(Refusal.FieldInvalid);
    }

    // A type that is not for sale buys nothing here; a later check refuses it.
    private static Grant GrantOf(CreateCreditOrder c, RechargeSettings settings, long fen) =>
        settings.CreditRatio(c.CreditTypeNumber) is var ratio and > 0 ? Purchase.OfCredits(c.CreditTypeNumber, fen, ratio).ToGrant() : Grant.Nothing;
}

internal sealed class CreateCreditOrderHandler(Buyers buyers, ISettingsStore store, OrderPlacement placement)
    : IRequestHandler<CreateCreditOrder, PlacementOutcome>
{
    public async Task<PlacementOutcome> Handle(CreateCreditOrder request, CancellationToken cancellationToken)
    {
        var settings = await store.GetAsync(cancellationToken);
        var buyer = await buyers.FindAsync(request.Buyer, cancellationToken) ?? throw new RefusedException(Refusal.UserUnknown);
        if (!Fen.TryParseYuan(request.Money, out var fen)) throw new RefusedException(Refusal.AmountInvalid);
        var purchase = Purchase.OfCredits(request.CreditTypeNumber, fen, settings.CreditRatio(request.CreditTypeNumber));
        return await placement.PlaceAsync(buyer.Uid, purchase, fen, request, settings, cancellationToken);
    }
}
