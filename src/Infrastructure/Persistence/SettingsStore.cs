using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Application;
using PayRecharge.Application.Settings;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class SettingsStore(IServiceScopeFactory scopes, IMemoryCache cache, SettingsDocument documents) : ISettingsStore
{
    /// <summary>The longest time until another instance's change is seen.</summary>
    public static readonly TimeSpan CacheLife = TimeSpan.FromSeconds(2);

    /// <summary>The time limit of a read that all callers wait for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public ValueTask<RechargeSettings> GetAsync(CancellationToken cancellationToken) =>
        cache.TryGetValue(typeof(RechargeSettings), out RechargeSettings? cached) ? new(cached!) : new(ReadAsync(cancellationToken));

    public async Task<RechargeSettings> ReadAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        await using var scope = scopes.CreateAsyncScope();
        var row = await scope.ServiceProvider.GetRequiredService<RechargeDbContext>().Settings.AsNoTracking().SingleAsync(limit.Token);
        return cache.Set(typeof(RechargeSettings), documents.Read(row), CacheLife);
    }

    public async Task<bool> TrySaveAsync(RechargeSettings basis, RechargeSettings settings, CurrentChange change, CancellationToken cancellationToken)
    {
        var document = documents.Write(settings);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RechargeDbContext>();
        scope.ServiceProvider.GetRequiredService<CurrentChange>().Continue(change);
        var saved = await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().ExecuteAsync(async cancel =>
        {
            if (await db.Settings.Where(r => r.Version == basis.Version)
                .ExecuteUpdateAsync(r => r.SetProperty(x => x.Document, document).SetProperty(x => x.Version, x => x.Version + 1), cancel) != 1) return false;
            db.Recording?.TakeDown(basis, settings);
            return true;
        }, cancellationToken);
        await ReadAsync(cancellationToken);
        return saved;
    }
}
