using Microsoft.Extensions.Diagnostics.HealthChecks;
using PayRecharge.Application.Settings;

namespace PayRecharge.WebApi;

/// <summary>Whether the database answers: asked for the settings, past the cache.</summary>
internal sealed class DatabaseHealth(ISettingsStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await store.ReadAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
