using MediatR;
using PayRecharge.Application.Orders;

namespace PayRecharge.WebApi;

/// <summary>Has due orders reconciled every second, on every instance; the database shares them out.</summary>
internal sealed class Reconciler(IServiceScopeFactory scopes, IConfiguration configuration, TimeProvider clock, ILogger<Reconciler> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var perSecond = configuration.GetValue("Payjs:ChecksPerSecond", 10);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await ReconcileNextAsync(perSecond, stoppingToken)) { }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogError(exception, "Reconciliation failed and goes on");
            }
        }
    }

    private async Task<bool> ReconcileNextAsync(int perSecond, CancellationToken stoppingToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ReconcileNextOrder(perSecond), stoppingToken);
    }
}
