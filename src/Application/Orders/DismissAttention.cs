using FluentValidation;
using MediatR;
using PayRecharge.Domain;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>Removes an order's remark for admins, after an admin has handled it. Returns the changed order.</summary>
/// <param name="OrderId">The id of the order.</param>
/// <param name="Reason">Why nothing is left to do; stored with the recorded changes.</param>
public sealed record DismissAttention(long OrderId, string Reason) : IRequest<OrderRecord>, IAdminChange
{
    string? IAdminChange.Subject => $"order {OrderId}";
}

internal sealed class DismissAttentionValidator : AbstractValidator<DismissAttention>
{
    public DismissAttentionValidator()
    {
        RuleFor(c => c.OrderId).GreaterThan(0);
        RuleFor(c => c.Reason).NotEmpty().MaximumLength(200);
    }
}

internal sealed class DismissAttentionHandler(IOrderRepository orders, IUnitOfWork unit, OrderRecords records) : IRequestHandler<DismissAttention, OrderRecord>
{
    public async Task<OrderRecord> Handle(DismissAttention request, CancellationToken cancellationToken)
    {
        var dismissed = await unit.ExecuteAsync(async cancel =>
        {
            var order = await orders.LockAsync(request.OrderId, cancel) ?? throw new RefusedException(Refusal.OrderUnknown);
            order.DismissAttention();
            return order;
        }, cancellationToken);
        return (await records.OfAsync([dismissed], cancellationToken))[0];
    }
}
