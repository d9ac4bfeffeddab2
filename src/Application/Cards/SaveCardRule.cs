using AutoMapper;
using FluentValidation;
using MediatR;
using PayRecharge.Domain.Cards;

namespace PayRecharge.Application.Cards;

/// <summary>Creates a card rule with an id of the admin's choice, or replaces it.</summary>
/// <param name="Id">The id that clients send as <c>list_id</c>.</param>
/// <param name="PriceFen">The price in fen, 1 to 1,000,000.</param>
/// <param name="Credits">Credits of the soft-credit type.</param>
/// <param name="TradeCredits">Credits of the trade-credit type.</param>
/// <param name="Seconds">Seconds of card time.</param>
/// <param name="Devices">Devices added to the account's allowance.</param>
public sealed record SaveCardRule(long Id, long PriceFen, long Credits, long TradeCredits, long Seconds, long Devices) : IRequest<CardRuleView>, IAdminChange
{
    string? IAdminChange.Subject => $"card-rule {Id}";
}

internal sealed class SaveCardRuleValidator : AbstractValidator<SaveCardRule>
{
    public SaveCardRuleValidator()
    {
        RuleFor(c => c.Id).InclusiveBetween(1, int.MaxValue);
        RuleFor(c => c.PriceFen).InclusiveBetween(1, 1_000_000);
        RuleFor(c => c.Credits).InclusiveBetween(0, int.MaxValue);
        RuleFor(c => c.TradeCredits).InclusiveBetween(0, int.MaxValue);
        RuleFor(c => c.Seconds).InclusiveBetween(0, int.MaxValue);
        RuleFor(c => c.Devices).InclusiveBetween(0, int.MaxValue);
        RuleFor(c => c).Must(c => (c.Credits | c.TradeCredits | c.Seconds | c.Devices) != 0)
            .WithName("Offer").WithMessage("A card key must carry credits, trade credits, seconds or devices.");
    }
}

internal sealed class SaveCardRuleHandler(ICardRepository cards, ICardRuleCatalog catalog, IUnitOfWork unit, IMapper mapper)
    : IRequestHandler<SaveCardRule, CardRuleView>
{
    public async Task<CardRuleView> Handle(SaveCardRule request, CancellationToken cancellationToken)
    {
        var saved = await unit.ExecuteAsync(async cancel =>
        {
            var rule = await cards.FindRuleAsync(request.Id, cancel);
            if (rule is null)
            {
                rule = CardRule.Create(request.Id, request.PriceFen, request.Credits, request.TradeCredits, request.Seconds, request.Devices);
                cards.AddRule(rule);
            }
            else
            {
                rule.Change(request.PriceFen, request.Credits, request.TradeCredits, request.Seconds, request.Devices);
            }
            return rule;
        }, cancellationToken);
        catalog.Invalidate();
        return mapper.Map<CardRuleView>(saved);
    }
}
