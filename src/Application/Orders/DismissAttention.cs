using FluentValidation;
using MediatR;
using PayRecharge.Domain;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>Takes an order off the list of those an admin should look at: somebody has. Answers the order as it stands then.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Reason">Why nothing is left to do; kept with the changes that admins made.</param>
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
