using FluentValidation;
using MediatR;

namespace PayRecharge.Application.Orders;

/// <summary>Takes orders that are due upon this instance (<see cref="IReconciliationQueue"/>); each is then for <see cref="ReconcileDueOrder"/>.</summary>
/// <param name="PerSecond">How many questions all instances together may ask in a second.</param>
/// <param name="Most">How many this one can see to now.</param>
public sealed record ClaimDueOrders(int PerSecond, int Most) : IRequest<IReadOnlyList<Claim>>;

internal sealed class ClaimDueOrdersValidator : AbstractValidator<ClaimDueOrders>
{
    public ClaimDueOrdersValidator()
    {
        RuleFor(c => c.PerSecond).GreaterThan(0);
        RuleFor(c => c.Most).GreaterThan(0);
    }
}

internal sealed class ClaimDueOrdersHandler(IReconciliationQueue queue) : IRequestHandler<ClaimDueOrders, IReadOnlyList<Claim>>
{
    /// <summary>Longer than a question takes at worst; should this instance die meanwhile, another asks then.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    public Task<IReadOnlyList<Claim>> Handle(ClaimDueOrders request, CancellationToken cancellationToken) =>
        queue.ClaimDueAsync(request.PerSecond, request.Most, Lease, cancellationToken);
}
