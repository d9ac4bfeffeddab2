using FluentValidation;
using MediatR;
using PayRecharge.Application.Behaviors;
using PayRecharge.Domain;

namespace PayRecharge.Application.Orders;

/// <summary>Waits until an unpaid order is fulfilled, and reads it again. Does not count a poll: the preceding one was counted.</summary>
/// <param name="Order">The order as just read.</param>
/// <param name="Seconds">The maximum wait in seconds.</param>
public sealed record AwaitFulfilment(OrderView Order, int Seconds) : IRequest<OrderView>
{
    /// <summary>The longest wait in seconds.</summary>
    public const int Longest = 30;
}

internal sealed class AwaitFulfilmentValidator : AbstractValidator<AwaitFulfilment>
{
    public AwaitFulfilmentValidator() => RuleFor(c => c.Seconds).InclusiveBetween(1, AwaitFulfilment.Longest).Refusing(Refusal.FieldInvalid);
}

internal sealed class AwaitFulfilmentHandler(IOrderWatch watch, IOrderQueries orders) : IRequestHandler<AwaitFulfilment, OrderView>
{
    public async Task<OrderView> Handle(AwaitFulfilment request, CancellationToken cancellationToken)
    {
        await watch.WaitAsync(request.Order.Id, TimeSpan.FromSeconds(request.Seconds), cancellationToken);
        var now = await orders.ReadViewAsync(request.Order.Id, cancellationToken) ?? throw new RefusedException(Refusal.OrderUnknown);
        return now with { Checks = request.Order.Checks };
    }
}
