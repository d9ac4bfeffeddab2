using FluentValidation;
using MediatR;
using PayRecharge.Application.Behaviors;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>Places an order for card time.</summary>
/// <param name="Buyer">The account that gets it.</param>
/// <param name="Money">Decimal yuan as the client sent it.</param>
/// <param name="Title">The title the buyer sees when paying, at most 64 characters.</param>
/// <param name="Attach">The client's own text, at most 127 characters.</param>
/// <param name="Channel">The wallet to pay with.</param>
/// <param name="Caller">The caller's address, as counted by limits.</param>
public sealed record CreateCardTimeOrder(AccountReference Buyer, string Money, string Title, string Attach, PaymentChannel Channel, string Caller)
    : IRequest<PlacementOutcome>, IOrderRequest;

internal sealed class CreateCardTimeOrderValidator : AbstractValidator<CreateCardTimeOrder>
{
    public CreateCardTimeOrderValidator(OrderRules rules, Buyers buyers)
    {
        ClassLevelCascadeMode = RuleLevelCascadeMode = CascadeMode.Stop;
        OrderRules.TextsFit(this);
        rules.BuyerMayOrder(this);
        RuleFor(c => c.Money)
            .MustAsync((c, money, cancel) => rules.IsPayableAsync(
                c.Buyer, Fen.TryParseYuan(money, out var fen) ? fen : null, (s, price) => Purchase.OfCardTime(price, s.TimeRatio).ToGrant(), cancel))
            .Refusing(Refusal.AmountInvalid);
        rules.GatewayIsReady(this);
        RuleFor(c => c.Buyer)
            .MustAsync(async (buyer, cancel) => !(await buyers.FindAsync(buyer, cancel))!.IsPermanent).Refusing(Refusal.AccountPermanent);
    }
}

internal sealed class CreateCardTimeOrderHandler(Buyers buyers, ISettingsStore store, OrderPlacement placement)
    : IRequestHandler<CreateCardTimeOrder, PlacementOutcome>
{
    public async Task<PlacementOutcome> Handle(CreateCardTimeOrder request, CancellationToken cancellationToken)
    {
        var settings = await store.GetAsync(cancellationToken);
        var buyer = await buyers.FindAsync(request.Buyer, cancellationToken) ?? throw new RefusedException(Refusal.UserUnknown);
        if (!Fen.TryParseYuan(request.Money, out var fen)) throw new RefusedException(Refusal.AmountInvalid);
        return await placement.PlaceAsync(buyer.Uid, Purchase.OfCardTime(fen, settings.TimeRatio), fen, request, settings, cancellationToken);
    }
}
