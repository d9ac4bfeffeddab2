using PayRecharge.Domain.Cards;

namespace PayRecharge.Application.Cards;

/// <summary>The card rules as buyers see them, read through a cache of a few seconds.</summary>
public interface ICardRuleCatalog
{
    /// <summary>All rules by rising id. For reading only.</summary>
    ValueTask<IReadOnlyList<CardRule>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Forgets what is cached on this instance, after a change.</summary>
    void Invalidate();
}
