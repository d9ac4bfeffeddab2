using FluentValidation;
using MediatR;
using Microsoft.Extensions.Logging;
using PayRecharge.Application.Payments;
using PayRecharge.Domain;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>
/// Processes a due order (<see cref="CheckSchedule"/>): queries the gateway, closes the order after the last query, or tries again
/// to deliver a paid order.
/// </summary>
/// <param name="Claim">This instance's claim of the order.</param>
public sealed record ReconcileDueOrder(Claim Claim) : IRequest;

internal sealed class ReconcileDueOrderValidator : AbstractValidator<ReconcileDueOrder>
{
    public ReconcileDueOrderValidator() => RuleFor(c => c.Claim).NotNull();
}

internal sealed class ReconcileDueOrderHandler(
    IReconciliationQueue queue, IOrderQueries orders, PaymentGateways gateways, Reconciliation reconciliation, TimeProvider clock, ILogger<ReconcileDueOrderHandler> logger)
    : AsyncRequestHandler<ReconcileDueOrder>
{
    /// <summary>The age at which an order is closed here although the gateway does not answer; a payment may still arrive.</summary>
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);

    protected override async Task Handle(ReconcileDueOrder request, CancellationToken cancellationToken)
    {
        var claim = request.Claim;
        var order = await orders.ReadAsync(claim.OrderId, cancellationToken);
        // If the delivery fails again, it reschedules the order.
        if (order is { Status: OrderStatus.NeedsAttention }) await reconciliation.RedeliverAsync(order.Id, cancellationToken);
        if (order is { Status: OrderStatus.Pending } && await NextAsync(order, cancellationToken) is { } next)
            await queue.RescheduleAsync(claim, next, cancellationToken);
        else
            await queue.RemoveAsync(claim, cancellationToken);
    }

    /// <summary>Processes an unpaid order, and returns when it is next due; null if nothing is left to do.</summary>
    private async Task<DateTimeOffset?> NextAsync(Order order, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        string? doubt = null;
        try
        {
            if (await IsPaidAsync(order, cancellationToken)) return null;
            if (gateways.Of(order.Gateway).Schedule.Next(order.CreatedAt, now) is { } next) return next;
            // If the gateway refuses to close an order, it may just have been paid.
            if (!await reconciliation.TryCloseThereAsync(order, cancellationToken) && await IsPaidAsync(order, cancellationToken)) return null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogWarning(exception is RefusedException ? null : exception, "Order {Number} could not be reconciled: {Reason}", order.Number, exception.Message);
            var age = now - order.CreatedAt;
            if (age < GiveUpAfter) return now + TimeSpan.FromTicks(Math.Clamp(age.Ticks / 10, TimeSpan.TicksPerMinute, CheckSchedule.LongestWait.Ticks));
            doubt = $"closed without knowing whether it is paid: {exception.Message}";
        }
        await reconciliation.CloseHereAsync(order.Id, doubt, cancellationToken);
        return null;
    }

    // Without the gateway's id, no query is possible; a late notice still finds the order by its number.
    private async Task<bool> IsPaidAsync(Order order, CancellationToken cancellationToken) =>
        order.GatewayOrderId is { } gatewayOrderId && await reconciliation.AskAsync(order, gatewayOrderId, cancellationToken);
}
