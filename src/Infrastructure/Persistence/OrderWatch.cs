using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PayRecharge.Application.Orders;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>
/// Announces this instance's deliveries at their commit. For deliveries by other instances, it queries the database four times a second,
/// once for all waiters, and only while there are any.
/// </summary>
internal sealed class OrderWatch(IServiceScopeFactory scopes, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<OrderWatch> logger) : IOrderWatch
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Dictionary<long, List<TaskCompletionSource>> _waiting = [];
    private bool _looking;

    public async Task WaitAsync(long orderId, TimeSpan limit, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = lifetime.ApplicationStopping.UnsafeRegister(_ => waiter.TrySetResult(), null);
        Add(orderId, waiter);
        try
        {
            await waiter.Task.WaitAsync(limit, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The order did not change.
        }
        finally
        {
            Remove(orderId, waiter);
        }
    }

    /// <summary>Announces an order whose fulfilment is committed.</summary>
    public void Announce(long orderId)
    {
        lock (_gate)
        {
            foreach (var waiter in _waiting.GetValueOrDefault(orderId, [])) waiter.TrySetResult();
        }
    }

    private void Add(long orderId, TaskCompletionSource waiter)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue(orderId, out var others)) others.Add(waiter);
            else _waiting.Add(orderId, [waiter]);
            if (_looking) return;
            _looking = true;
        }
        _ = LookAsync();
    }

    private void Remove(long orderId, TaskCompletionSource waiter)
    {
        lock (_gate)
        {
            var all = _waiting[orderId];
            all.Remove(waiter);
            if (all.Count == 0) _waiting.Remove(orderId);
        }
    }

    private async Task LookAsync()
    {
        var couldSee = true;
        while (true)
        {
            await Task.Delay(Every, clock);
            List<long> ids;
            lock (_gate)
            {
                ids = [.. _waiting.Keys];
                _looking = ids.Count > 0;
            }
            if (ids.Count == 0) return;
            try
            {
                foreach (var id in await SharedCall.MakeAsync(scopes, (db, retry) => FulfilledAmongAsync(db, ids, retry), CancellationToken.None)) Announce(id);
                couldSee = true;
            }
            catch (Exception exception)
            {
                if (couldSee) logger.LogWarning("Could not see whether orders that are waited for were paid: {Reason}", exception.Message);
                couldSee = false;
            }
        }
    }

    // Hand-written: for a list, EF would create a new statement each time.
    private static async Task<IReadOnlyList<long>> FulfilledAmongAsync(RechargeDbContext db, IReadOnlyList<long> ids, CancellationToken cancellationToken)
    {
        await using var command = SharedCall.Command(db, string.Create(CultureInfo.InvariantCulture,
            $"SELECT Id FROM Orders WHERE Status = {(int)OrderStatus.Fulfilled} AND Id IN ({string.Join(',', ids)})"));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var fulfilled = new List<long>();
        while (await reader.ReadAsync(cancellationToken)) fulfilled.Add(reader.GetInt64(0));
        return fulfilled;
    }
}
