using Microsoft.Extensions.Diagnostics.HealthChecks;
using PayRecharge.Application.Settings;

namespace PayRecharge.WebApi;

/// <summary>Whether the server can work: it is not about to stop, and the database answers, asked for the settings past the cache.</summary>
internal sealed class Readiness(IServiceScopeFactory scopes, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested) return HealthCheckResult.Unhealthy("The server is stopping.");
        // A database that hangs does not hear that it is asked no more: the question is left to its own time limit.
        await AskAsync(cancellationToken).WaitAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ISettingsStore>().ReadAsync(cancellationToken);
    }
}
