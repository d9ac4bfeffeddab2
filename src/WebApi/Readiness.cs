using Microsoft.Extensions.Diagnostics.HealthChecks;
using PayRecharge.Application;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Orders;

namespace PayRecharge.WebApi;

/// <summary>
/// Checks that the server can work: it is not stopping, the database commits a write, and an order number can be drawn. All checks within
/// one second share one result, so many checks cost as much as one.
/// </summary>
internal sealed class Readiness(IServiceScopeFactory scopes, IHostApplicationLifetime lifetime, TimeProvider clock) : IHealthCheck
{
    /// <summary>The time limit of a check.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The maximum age of a result.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task? _proof;
    private long _begun;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested) return HealthCheckResult.Unhealthy("The server is stopping.");
        try
        {
            // A hung database does not react to cancellation. Cancel only the wait: the proof has its own time limit.
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
                // SQLite blocks the calling thread, and that thread must not hold the lock meanwhile.
                _proof = Task.Run(ProveAsync);
            }
            return _proof;
        }
    }

    private async Task ProveAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await using var scope = scopes.CreateAsyncScope();
        // Read first and bypass the cache: without settings the write test is pointless.
        var settings = await scope.ServiceProvider.GetRequiredService<ISettingsStore>().ReadAsync(limit.Token);
        OrderNumber.Draw(clock.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone));
        await scope.ServiceProvider.GetRequiredService<IUnitOfWork>().ProveAsync(limit.Token);
    }
}
