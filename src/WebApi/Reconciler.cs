using MediatR;
using PayRecharge.Application.Orders;

namespace PayRecharge.WebApi;

/// <summary>
/// Has due orders reconciled, on every instance; the database shares them out. <c>Payjs:ChecksPerSecond</c> (10) limits the questions
/// of all instances together; 0 has this one ask none. They run side by side: a gateway that takes its time holds up nobody else's.
/// </summary>
internal sealed class Reconciler(IServiceScopeFactory scopes, IConfiguration configuration, TimeProvider clock, CallLog log) : BackgroundService
{
    /// <summary>Twice a second, so that questions are spread over it.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(0.5);

    /// <summary>How many orders are seen to at once at most: ten a second, at a gateway that lets each time out.</summary>
    private const int MostAtOnce = 100;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var perSecond = configuration.GetValue("Payjs:ChecksPerSecond", 10);
        if (perSecond <= 0) return;
        var running = new List<Task>();
        using var timer = new PeriodicTimer(Tick, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                running.RemoveAll(r => r.IsCompleted);
                if (running.Count < MostAtOnce)
                    running.AddRange((await ClaimAsync(new(perSecond, MostAtOnce - running.Count))).Select(ReconcileAsync));
            }
        }
        finally
        {
            // Nothing would be lost if a stop broke them off, but the orders would have to wait for their leases to end.
            await Task.WhenAll(running);
        }
    }

    private async Task<IReadOnlyList<Claim>> ClaimAsync(ClaimDueOrders claim)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(claim, CancellationToken.None);
        }
        catch (Exception exception)
        {
            log.Failed("Reconciliation failed and goes on", exception);
            return [];
        }
    }

    private async Task ReconcileAsync(Claim claim)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ReconcileDueOrder(claim), CancellationToken.None);
        }
        catch (Exception exception)
        {
            log.Failed("Reconciliation of an order failed; it is tried again when its lease has ended", exception);
        }
    }
}
