using MediatR;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>Lists orders, newest first, at most 100. Every given condition must hold.</summary>
public sealed record ListOrders : IRequest<IReadOnlyList<OrderRecord>>
{
    /// <summary>The merchant's number of the order to find.</summary>
    public string? Number { get; init; }
    /// <summary>The gateway's id of the order to find.</summary>
    public string? GatewayOrderId { get; init; }
    /// <summary>The wallet's id of the payment to find.</summary>
    public string? TransactionId { get; init; }
    /// <summary>Only orders of the buyer with this user id.</summary>
    public long? Uid { get; init; }
    /// <summary>Only orders of the buyer with this user name or e-mail, ignoring case.</summary>
    public string? User { get; init; }
    /// <summary>Only orders in this state.</summary>
    public OrderStatus? Status { get; init; }
    /// <summary>True: only orders that an admin should look at; false: only the others; absent: all.</summary>
    public bool? Attention { get; init; }
    /// <summary>Only orders with a lower id: the last id of the previous page.</summary>
    public long? Before { get; init; }
}

internal sealed class ListOrdersHandler(IOrderQueries orders, IUserAccountRepository accounts, OrderRecords records)
    : IRequestHandler<ListOrders, IReadOnlyList<OrderRecord>>
{
    public async Task<IReadOnlyList<OrderRecord>> Handle(ListOrders request, CancellationToken cancellationToken)
    {
        var buyers = request.Uid is { } uid ? [uid] : (IReadOnlyList<long>?)null;
        if (request.User is { } user)
        {
            var named = await UidsOfAsync(user, cancellationToken);
            buyers = [.. named.Where(found => buyers?.Contains(found) != false)];
        }
        if (buyers is { Count: 0 }) return [];
        return await records.OfAsync(await orders.ReadNewestAsync(request, buyers, 100, cancellationToken), cancellationToken);
    }

    // One account's e-mail may be another account's name.
    private async Task<IEnumerable<long>> UidsOfAsync(string user, CancellationToken cancellationToken)
    {
        var found = new[]
        {
            await accounts.FindAsync(new AccountReference(AccountReferenceKind.UserName, user), cancellationToken),
            await accounts.FindAsync(new AccountReference(AccountReferenceKind.Email, user), cancellationToken),
        };
        return found.OfType<UserAccount>().Select(a => a.Uid).Distinct();
    }
}
