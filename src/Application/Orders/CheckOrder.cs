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

internal sealed class CheckOrderHandler(IOrderPolls polls) : IRequestHandler<CheckOrder, OrderView>
{
    public async Task<OrderView> Handle(CheckOrder request, CancellationToken cancellationToken) =>
        await polls.CountAndReadAsync(request.GatewayOrderId, cancellationToken) ?? throw new RefusedException(Refusal.OrderUnknown);
}
