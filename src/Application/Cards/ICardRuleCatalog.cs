using PayRecharge.Domain.Cards;

namespace PayRecharge.Application.Cards;

/// <summary>The card rules for buyers, cached for a few seconds.</summary>
public interface ICardRuleCatalog
{
    /// <summary>Lists all rules by ascending id, read-only.</summary>
    ValueTask<IReadOnlyList<CardRule>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Clears the cache of this instance, after a change.</summary>
    void Invalidate();
}
