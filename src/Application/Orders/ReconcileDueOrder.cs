using FluentValidation;
using MediatR;
using Microsoft.Extensions.Logging;
using PayRecharge.Application.Payments;
using PayRecharge.Domain;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>
/// Sees to an order that is due (<see cref="CheckSchedule"/>): asks the gateway about it, ends it when its time is over, or tries once
/// more to deliver what is paid.
/// </summary>
/// <param name="Claim">The order, taken by this instance.</param>
public sealed record ReconcileDueOrder(Claim Claim) : IRequest;

internal sealed class ReconcileDueOrderValidator : AbstractValidator<ReconcileDueOrder>
{
    public ReconcileDueOrderValidator() => RuleFor(c => c.Claim).NotNull();
}

internal sealed class ReconcileDueOrderHandler(
    IReconciliationQueue queue, IOrderQueries orders, PaymentGateways gateways, Reconciliation reconciliation, TimeProvider clock, ILogger<ReconcileDueOrderHandler> logger)
    : AsyncRequestHandler<ReconcileDueOrder>
{
    /// <summary>How long a gateway that does not answer is asked again before the order is ended on our side; money may still come.</summary>
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);

    protected override async Task Handle(ReconcileDueOrder request, CancellationToken cancellationToken)
    {
        var claim = request.Claim;
        var order = await orders.ReadAsync(claim.OrderId, cancellationToken);
        // A delivery that fails again puts the order on the queue anew.
        if (order is { Status: OrderStatus.NeedsAttention }) await reconciliation.RedeliverAsync(order.Id, cancellationToken);
        if (order is { Status: OrderStatus.Pending } && await NextAsync(order, cancellationToken) is { } next)
            await queue.RescheduleAsync(claim, next, cancellationToken);
        else
            await queue.RemoveAsync(claim, cancellationToken);
    }

    /// <summary>Does what is due for an order, and tells when more is; null when nothing is left to do.</summary>
    private async Task<DateTimeOffset?> NextAsync(Order order, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        string? doubt = null;
        try
        {
            if (await IsPaidAsync(order, cancellationToken)) return null;
            if (gateways.Of(order.Gateway).Schedule.Next(order.CreatedAt, now) is { } next) return next;
            // A gateway that will not close an order may have been paid a moment ago.
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

    // Without the gateway's id nobody can be asked; a late notice still finds the order by its number.
    private async Task<bool> IsPaidAsync(Order order, CancellationToken cancellationToken) =>
        order.GatewayOrderId is { } gatewayOrderId && await reconciliation.AskAsync(order, gatewayOrderId, cancellationToken);
}
