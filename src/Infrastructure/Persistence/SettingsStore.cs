using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using PayRecharge.Application;
using PayRecharge.Application.Settings;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class SettingsStore(RechargeDbContext db, IMemoryCache cache, IUnitOfWork unit) : ISettingsStore
{
    /// <summary>How long another instance's change may go unseen.</summary>
    public static readonly TimeSpan CacheLife = TimeSpan.FromSeconds(2);

    public ValueTask<RechargeSettings> GetAsync(CancellationToken cancellationToken) =>
        cache.TryGetValue(typeof(RechargeSettings), out RechargeSettings? cached) ? new(cached!) : new(ReadAsync(cancellationToken));

    public async Task<RechargeSettings> ReadAsync(CancellationToken cancellationToken) =>
        cache.Set(typeof(RechargeSettings), Deserialize(await db.Settings.AsNoTracking().SingleAsync(cancellationToken)), CacheLife);

    public async Task<bool> TrySaveAsync(RechargeSettings settings, CancellationToken cancellationToken)
    {
        var document = Serialize(settings);
        var saved = await unit.ExecuteAsync(cancel => db.Settings.Where(r => r.Version == settings.Version)
            .ExecuteUpdateAsync(r => r.SetProperty(x => x.Document, document).SetProperty(x => x.Version, x => x.Version + 1), cancel), cancellationToken);
        await ReadAsync(cancellationToken);
        return saved == 1;
    }

    public static string Serialize(RechargeSettings settings) => JsonSerializer.Serialize(settings);

    public static RechargeSettings Deserialize(SettingsRow row) =>
        JsonSerializer.Deserialize<RechargeSettings>(row.Document)! with { Version = row.Version };
}
