using MediatR;
using PayRecharge.Application.Orders;

namespace PayRecharge.WebApi;

/// <summary>
/// Has due orders reconciled every second, on every instance; the database shares them out. <c>Payjs:ChecksPerSecond</c> (10) limits
/// the questions of all instances together; 0 has this one ask none.
/// </summary>
internal sealed class Reconciler(IServiceScopeFactory scopes, IConfiguration configuration, TimeProvider clock, ILogger<Reconciler> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var perSecond = configuration.GetValue("Payjs:ChecksPerSecond", 10);
        if (perSecond <= 0) return;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (!stoppingToken.IsCancellationRequested && await ReconcileNextAsync(perSecond)) { }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogError(exception, "Reconciliation failed and goes on");
            }
        }
    }

    // Nothing would be lost if a stop broke it off, but the order would have to wait for its lease to end.
    private async Task<bool> ReconcileNextAsync(int perSecond)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ReconcileNextOrder(perSecond), CancellationToken.None);
    }
}
