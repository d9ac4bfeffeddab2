using System.Runtime.CompilerServices;
using AutoMapper;
using MediatR;
using PayRecharge.Domain.Cards;

namespace PayRecharge.Application.Cards;

/// <summary>Lists the kamis on offer, by rising id.</summary>
public sealed record ListCardRules : IRequest<IReadOnlyList<CardRuleView>>;

internal sealed class ListCardRulesHandler(ICardRuleCatalog catalog, IMapper mapper)
    : IRequestHandler<ListCardRules, IReadOnlyList<CardRuleView>>
{
    // Mapped once for as long as the catalog has the same list: most calls get that.
    private static readonly ConditionalWeakTable<IReadOnlyList<CardRule>, IReadOnlyList<CardRuleView>> Views = [];

    public async Task<IReadOnlyList<CardRuleView>> Handle(ListCardRules request, CancellationToken cancellationToken) =>
        Views.GetValue(await catalog.ListAsync(cancellationToken), mapper.Map<List<CardRuleView>>);
}
