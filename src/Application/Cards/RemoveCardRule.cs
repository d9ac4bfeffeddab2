using FluentValidation;
using MediatR;
using PayRecharge.Domain;
using PayRecharge.Domain.Cards;

namespace PayRecharge.Application.Cards;

/// <summary>Removes a card rule. Its existing orders and kamis stay.</summary>
/// <param name="Id">The id of the rule.</param>
public sealed record RemoveCardRule(long Id) : IRequest, IAdminChange
{
    string? IAdminChange.Subject => $"card-rule {Id}";
}

internal sealed class RemoveCardRuleValidator : AbstractValidator<RemoveCardRule>
{
    public RemoveCardRuleValidator() => RuleFor(c => c.Id).GreaterThan(0);
}

internal sealed class RemoveCardRuleHandler(ICardRepository cards, ICardRuleCatalog catalog, IUnitOfWork unit) : AsyncRequestHandler<RemoveCardRule>
{
    protected override async Task Handle(RemoveCardRule request, CancellationToken cancellationToken)
    {
        await unit.ExecuteAsync(async cancel =>
        {
            cards.RemoveRule(await cards.FindRuleAsync(request.Id, cancel) ?? throw new RefusedException(Refusal.CardRuleUnknown));
            return true;
        }, cancellationToken);
        catalog.Invalidate();
    }
}
