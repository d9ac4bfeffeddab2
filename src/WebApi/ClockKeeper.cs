using Microsoft.Extensions.Diagnostics.HealthChecks;
using PayRecharge.Application;

namespace PayRecharge.WebApi;

/// <summary>Synchronizes the shared clock every 5 seconds.</summary>
internal sealed class ClockKeeper(ISharedClock clock, ILogger<ClockKeeper> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await clock.SynchronizeAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The running time is exact enough until the database answers again; other components report that.
                logger.LogDebug(exception, "The database's clock could not be read");
            }
        }
    }
}

/// <summary>Checks this machine's clock. With a wrong clock the server still works, so it is ready, but <c>Degraded</c>.</summary>
internal sealed class ClockHealth(ISharedClock clock) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(clock.MachineAhead.Duration() <= ISharedClock.Tolerated ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"This machine's clock is {(long)clock.MachineAhead.TotalSeconds} s ahead of the database's."));
}
