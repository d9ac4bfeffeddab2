using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using PayRecharge.Application.Cards;
using PayRecharge.Domain.Cards;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class CardRuleCatalog(RechargeDbContext db, IMemoryCache cache) : ICardRuleCatalog
{
    public async ValueTask<IReadOnlyList<CardRule>> ListAsync(CancellationToken cancellationToken) =>
        cache.TryGetValue(typeof(CardRuleCatalog), out IReadOnlyList<CardRule>? cached)
            ? cached!
            : cache.Set<IReadOnlyList<CardRule>>(
                typeof(CardRuleCatalog), await db.CardRules.AsNoTracking().OrderBy(r => r.Id).ToListAsync(cancellationToken), SettingsStore.CacheLife);

    public void Invalidate() => cache.Remove(typeof(CardRuleCatalog));
}
