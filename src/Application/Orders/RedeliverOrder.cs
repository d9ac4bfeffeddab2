using FluentValidation;
using MediatR;

namespace PayRecharge.Application.Orders;

/// <summary>Tries again to deliver a paid order. Does nothing if it is already delivered.</summary>
/// <param name="OrderId">The id of the order.</param>
public sealed record RedeliverOrder(long OrderId) : IRequest<OrderRecord>, IAdminChange
{
    string? IAdminChange.Subject => $"order {OrderId}";
}

internal sealed class RedeliverOrderValidator : AbstractValidator<RedeliverOrder>
{
    public RedeliverOrderValidator() => RuleFor(c => c.OrderId).GreaterThan(0);
}

internal sealed class RedeliverOrderHandler(Reconciliation reconciliation, OrderRecords records) : IRequestHandler<RedeliverOrder, OrderRecord>
{
    public async Task<OrderRecord> Handle(RedeliverOrder request, CancellationToken cancellationToken) =>
        (await records.OfAsync([await reconciliation.RedeliverAsync(request.OrderId, cancellationToken)], cancellationToken))[0];
}
