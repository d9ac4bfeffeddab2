using MediatR;
using PayRecharge.Application.Accounts;
using PayRecharge.Application.Orders;

namespace PayRecharge.WebApi;

/// <summary>
/// Runs the nightly audit, then clears old unpaid orders. Each instance tries every minute; the database lets only one run it.
/// </summary>
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
                var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
                if (await mediator.Send(new AuditNightly(), stoppingToken)) await mediator.Send(new ClearUnpaidOrders(), stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogError(exception, "The nightly audit failed, or the clearing after it; an audit that did not end is tried again");
            }
        }
    }
}
