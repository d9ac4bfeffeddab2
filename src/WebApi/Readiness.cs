using Microsoft.Extensions.Diagnostics.HealthChecks;
using PayRecharge.Application;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Orders;

namespace PayRecharge.WebApi;

/// <summary>
/// Whether the server can work: it is not about to stop, the database makes a write durable, and an order would get a number. All who ask
/// within a second share one answer, so that many of them cost no more than one.
/// </summary>
internal sealed class Readiness(IServiceScopeFactory scopes, IHostApplicationLifetime lifetime, TimeProvider clock) : IHealthCheck
{
    /// <summary>How long an answer takes at most.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>How old an answer may be.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task? _proof;
    private long _begun;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested) return HealthCheckResult.Unhealthy("The server is stopping.");
        try
        {
            // A database that hangs does not hear that nobody waits any more: the proof is left to its own time limit.
            await Proof().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy(exception.GetBaseException().Message);
        }
    }

    private Task Proof()
    {
        lock (_gate)
        {
            if (_proof is null || (_proof.IsCompleted && clock.GetElapsedTime(_begun) >= Age))
            {
                _begun = clock.GetTimestamp();
                // SQLite works on the thread that calls it, and nobody may wait for the gate meanwhile.
                _proof = Task.Run(ProveAsync);
            }
            return _proof;
        }
    }

    private async Task ProveAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await using var scope = scopes.CreateAsyncScope();
        // Past the cache, and first: without settings there is nothing to write for.
        var settings = await scope.ServiceProvider.GetRequiredService<ISettingsStore>().ReadAsync(limit.Token);
        OrderNumber.Draw(clock.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone));
        await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().ProveAsync(limit.Token);
    }
}
