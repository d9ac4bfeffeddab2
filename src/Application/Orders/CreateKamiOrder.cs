using System.Globalization;
using FluentValidation;
using MediatR;
using PayRecharge.Application.Behaviors;
using PayRecharge.Application.Cards;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>Places an order for a kami under a card rule.</summary>
/// <param name="Buyer">The account that pays for it.</param>
/// <param name="CardRuleId">The rule's id as the client sent it.</param>
/// <param name="Title">The title the buyer sees when paying, at most 64 characters.</param>
/// <param name="Attach">The client's own text, at most 127 characters.</param>
/// <param name="Channel">The wallet to pay with.</param>
/// <param name="Caller">The caller's address, as counted by limits.</param>
public sealed record CreateKamiOrder(AccountReference Buyer, string CardRuleId, string Title, string Attach, PaymentChannel Channel, string Caller)
    : IRequest<PlacementOutcome>, IOrderRequest
{
    internal async Task<CardRule?> FindRuleAsync(ICardRuleCatalog catalog, CancellationToken cancellationToken)
    {
        // Compared as text, like PHP's array keys: 09 is not rule 9.
        return (await catalog.ListAsync(cancellationToken)).FirstOrDefault(r => r.Id.ToString(CultureInfo.InvariantCulture) == CardRuleId);
    }
}

internal sealed class CreateKamiOrderValidator : AbstractValidator<CreateKamiOrder>
{
    public CreateKamiOrderValidator(OrderRules rules, ICardRuleCatalog catalog)
    {
        ClassLevelCascadeMode = RuleLevelCascadeMode = CascadeMode.Stop;
        OrderRules.TextsFit(this);
        rules.BuyerMayOrder(this);
        RuleFor(c => c.CardRuleId)
            .MustAsync(async (c, _, cancel) => await c.FindRuleAsync(catalog, cancel) is not { } rule
                || await rules.IsPayableAsync(c.Buyer, rule.PriceFen, (_, _) => Grant.Nothing, cancel))
            .Refusing(Refusal.AmountInvalid);
        rules.GatewayIsReady(this);
        RuleFor(c => c.CardRuleId).MustAsync(async (c, _, cancel) => await c.FindRuleAsync(catalog, cancel) is not null).Refusing(Refusal.CardRuleUnknown);
    }
}

internal sealed class CreateKamiOrderHandler(Buyers buyers, ICardRuleCatalog catalog, ISettingsStore store, OrderPlacement placement)
    : IRequestHandler<CreateKamiOrder, PlacementOutcome>
{
    public async Task<PlacementOutcome> Handle(CreateKamiOrder request, CancellationToken cancellationToken)
    {
        var settings = await store.GetAsync(cancellationToken);
        var buyer = await buyers.FindAsync(request.Buyer, cancellationToken) ?? throw new RefusedException(Refusal.UserUnknown);
        var rule = await request.FindRuleAsync(catalog, cancellationToken) ?? throw new RefusedException(Refusal.CardRuleUnknown);
        return await placement.PlaceAsync(buyer.Uid, rule.ToPurchase(), rule.PriceFen, request, settings, cancellationToken);
    }
}
