using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Application.Cards;
using PayRecharge.Domain.Cards;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class CardRuleCatalog(IServiceScopeFactory scopes, IMemoryCache cache) : ICardRuleCatalog
{
    public ValueTask<IReadOnlyList<CardRule>> ListAsync(CancellationToken cancellationToken) =>
        cache.TryGetValue(typeof(CardRuleCatalog), out IReadOnlyList<CardRule>? cached) ? new(cached!) : new(ReadAsync(cancellationToken));

    public void Invalidate() => cache.Remove(typeof(CardRuleCatalog));

    private async Task<IReadOnlyList<CardRule>> ReadAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SettingsStore.Patience);
        await using var scope = scopes.CreateAsyncScope();
        var rules = scope.ServiceProvider.GetRequiredService<RechargeDbContext>().CardRules;
        return cache.Set<IReadOnlyList<CardRule>>(
            typeof(CardRuleCatalog), await rules.AsNoTracking().OrderBy(r => r.Id).ToListAsync(limit.Token), SettingsStore.CacheLife);
    }
}
