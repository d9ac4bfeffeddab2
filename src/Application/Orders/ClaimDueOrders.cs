using FluentValidation;
using MediatR;
using PayRecharge.Application.Payments;

namespace PayRecharge.Application.Orders;

/// <summary>Claims due orders (<see cref="IReconciliationQueue"/>) for this instance, to send to <see cref="ReconcileDueOrder"/>.</summary>
/// <param name="Gateway">The code of the gateway.</param>
/// <param name="Most">How many orders this instance can process now.</param>
public sealed record ClaimDueOrders(string Gateway, int Most) : IRequest<IReadOnlyList<Claim>>;

internal sealed class ClaimDueOrdersValidator : AbstractValidator<ClaimDueOrders>
{
    public ClaimDueOrdersValidator()
    {
        RuleFor(c => c.Gateway).NotEmpty();
        RuleFor(c => c.Most).GreaterThan(0);
    }
}

internal sealed class ClaimDueOrdersHandler(IReconciliationQueue queue, PaymentGateways gateways) : IRequestHandler<ClaimDueOrders, IReadOnlyList<Claim>>
{
    /// <summary>Longer than the slowest query. If this instance dies, another one queries after that.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    public Task<IReadOnlyList<Claim>> Handle(ClaimDueOrders request, CancellationToken cancellationToken) =>
        queue.ClaimDueAsync(request.Gateway, gateways.Of(request.Gateway).ChecksPerSecond, request.Most, Lease, cancellationToken);
}
