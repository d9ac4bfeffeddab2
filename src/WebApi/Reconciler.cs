using MediatR;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Payments;

namespace PayRecharge.WebApi;

/// <summary>
/// Has due orders reconciled, on every instance; the database shares them out, and each gateway limits the questions of all instances
/// together. They run side by side: a gateway that takes its time delays no other order.
/// </summary>
internal sealed class Reconciler(IServiceScopeFactory scopes, PaymentGateways gateways, TimeProvider clock, CallLog log) : BackgroundService
{
    /// <summary>Twice a second, so that questions are spread over it.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(0.5);

    /// <summary>How many orders of a gateway are seen to at once at most: ten a second, if it lets each time out.</summary>
    private const int MostAtOnce = 100;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(gateways.Asked.Select(gateway => ReconcileAsync(gateway, stoppingToken)));

    private async Task ReconcileAsync(string gateway, CancellationToken stoppingToken)
    {
        var running = new List<Task>();
        using var timer = new PeriodicTimer(Tick, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                running.RemoveAll(r => r.IsCompleted);
                if (running.Count < MostAtOnce)
                    running.AddRange((await ClaimAsync(new(gateway, MostAtOnce - running.Count))).Select(ReconcileAsync));
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
