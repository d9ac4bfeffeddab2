using MediatR;
using Microsoft.Extensions.Logging;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>Removes closed unpaid orders that are older than the owner's limit. Returns how many.</summary>
public sealed record ClearUnpaidOrders : IRequest<int>;

internal sealed class ClearUnpaidOrdersHandler(
    IOrderRepository orders, ISettingsStore store, IUnitOfWork unit, TimeProvider clock, ILogger<ClearUnpaidOrdersHandler> logger)
    : IRequestHandler<ClearUnpaidOrders, int>
{
    /// <summary>How many orders a transaction examines.</summary>
    private const int Batch = 1000;

    public async Task<int> Handle(ClearUnpaidOrders request, CancellationToken cancellationToken)
    {
        if ((await store.GetAsync(cancellationToken)).UnpaidOrderDays is not (> 0 and var days)) return 0;
        var madeBefore = clock.GetUtcNow() - TimeSpan.FromDays(days);
        var cleared = 0;
        for (long? after = 0; after is { } from;)
        {
            (after, var count) = await unit.ExecuteAsync(cancel => orders.ClearUnpaidAsync(from, Batch, madeBefore, cancel), cancellationToken);
            cleared += count;
        }
        if (cleared > 0) logger.LogInformation("{Count} orders were cleared that were closed unpaid more than {Days} days ago", cleared, days);
        return cleared;
    }
}
