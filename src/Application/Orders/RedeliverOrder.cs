using FluentValidation;
using MediatR;

namespace PayRecharge.Application.Orders;

/// <summary>Delivers what is paid for and could not be delivered before. What is delivered already stays as it is.</summary>
/// <param name="OrderId">The order.</param>
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
