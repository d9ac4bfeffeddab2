using FluentValidation;
using MediatR;
using PayRecharge.Application.Payments;

namespace PayRecharge.Application.Orders;

/// <summary>Takes orders that are due upon this instance (<see cref="IReconciliationQueue"/>); each is then for <see cref="ReconcileDueOrder"/>.</summary>
/// <param name="Gateway">The code of the gateway to ask.</param>
/// <param name="Most">How many this instance can see to now.</param>
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
    /// <summary>Longer than a question takes at worst; should this instance die meanwhile, another asks then.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    public Task<IReadOnlyList<Claim>> Handle(ClaimDueOrders request, CancellationToken cancellationToken) =>
        queue.ClaimDueAsync(request.Gateway, gateways.Of(request.Gateway).ChecksPerSecond, request.Most, Lease, cancellationToken);
}
