using FluentValidation;
using MediatR;
using PayRecharge.Application.Behaviors;
using PayRecharge.Domain;

namespace PayRecharge.Application.Orders;

/// <summary>Asks how an order stands. The question is counted.</summary>
/// <param name="GatewayOrderId">The gateway's id of the order.</param>
public sealed record CheckOrder(string GatewayOrderId) : IRequest<OrderView>;

internal sealed class CheckOrderValidator : AbstractValidator<CheckOrder>
{
    // The gateway's ids have at most 32 characters; anything longer names no order.
    public CheckOrderValidator() => RuleFor(c => c.GatewayOrderId).MaximumLength(32).Refusing(Refusal.OrderUnknown);
}

internal sealed class CheckOrderHandler(IOrderQueries orders, IReconciliationQueue queue) : IRequestHandler<CheckOrder, OrderView>
{
    public async Task<OrderView> Handle(CheckOrder request, CancellationToken cancellationToken)
    {
        var order = await orders.CountAndReadAsync(request.GatewayOrderId, cancellationToken) ?? throw new RefusedException(Refusal.OrderUnknown);
        // A client that keeps asking has a buyer who may just have paid.
        if (!order.IsFulfilled) await queue.NudgeAsync(order.Id, cancellationToken);
        return order;
    }
}
