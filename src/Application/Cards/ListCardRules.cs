using AutoMapper;
using MediatR;

namespace PayRecharge.Application.Cards;

/// <summary>Lists the card rules by ascending id.</summary>
public sealed record ListCardRules : IRequest<IReadOnlyList<CardRuleView>>;

internal sealed class ListCardRulesHandler(ICardRuleCatalog catalog, IMapper mapper)
    : IRequestHandler<ListCardRules, IReadOnlyList<CardRuleView>>
{
    public async Task<IReadOnlyList<CardRuleView>> Handle(ListCardRules request, CancellationToken cancellationToken) =>
        mapper.Map<List<CardRuleView>>(await catalog.ListAsync(cancellationToken));
}
