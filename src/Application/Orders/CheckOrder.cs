using FluentValidation;
using MediatR;
using PayRecharge.Application.Behaviors;
using PayRecharge.Domain;

namespace PayRecharge.Application.Orders;

/// <summary>Reads an order for a client's poll. The poll is counted.</summary>
/// <param name="ClientId">The id by which clients name the order (<see cref="ClientGateway"/>).</param>
public sealed record CheckOrder(string ClientId) : IRequest<OrderView>;

internal sealed class CheckOrderValidator : AbstractValidator<CheckOrder>
{
    // Ids have at most 32 characters; a longer id names no order.
    public CheckOrderValidator() => RuleFor(c => c.ClientId).MaximumLength(32).Refusing(Refusal.OrderUnknown);
}

internal sealed class CheckOrderHandler(IOrderPolls polls) : IRequestHandler<CheckOrder, OrderView>
{
    public async Task<OrderView> Handle(CheckOrder request, CancellationToken cancellationToken) =>
        await polls.CountAndReadAsync(request.ClientId, cancellationToken) ?? throw new RefusedException(Refusal.OrderUnknown);
}
