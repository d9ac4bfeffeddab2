using MediatR;
using PayRecharge.Application.Accounts;

namespace PayRecharge.WebApi;

/// <summary>Has the night's audit made; every instance offers itself each minute, and the database lets one.</summary>
internal sealed class NightlyAuditor(IServiceScopeFactory scopes, TimeProvider clock, ILogger<NightlyAuditor> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new AuditNightly(), stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogError(exception, "The nightly audit failed and is tried again");
            }
        }
    }
}
