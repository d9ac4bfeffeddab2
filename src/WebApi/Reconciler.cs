using MediatR;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Payments;

namespace PayRecharge.WebApi;

/// <summary>
/// Reconciles due orders on every instance. The database distributes the orders, and each gateway limits the queries of all instances
/// together. Orders run concurrently: a slow gateway delays no other order.
/// </summary>
internal sealed class Reconciler(IServiceScopeFactory scopes, PaymentGateways gateways, TimeProvider clock, CallLog log) : BackgroundService
{
    /// <summary>Twice a second, to spread the queries.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(0.5);

    /// <summary>The most concurrent orders of a gateway: ten a second if every query times out.</summary>
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
            // Cancelling them on a stop would lose nothing, but the orders would wait until their leases end.
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
