using MediatR;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>Lists orders for an admin, newest first, 100 at most. Each condition that is given must hold.</summary>
public sealed record ListOrders : IRequest<IReadOnlyList<OrderRecord>>
{
    /// <summary>Only the order with this number of the merchant.</summary>
    public string? Number { get; init; }
    /// <summary>Only the order with this id of the gateway.</summary>
    public string? GatewayOrderId { get; init; }
    /// <summary>Only orders with this id of the wallet's payment.</summary>
    public string? TransactionId { get; init; }
    /// <summary>Only orders of this account.</summary>
    public long? Uid { get; init; }
    /// <summary>Only orders of the account with this user name or e-mail, case aside.</summary>
    public string? User { get; init; }
    /// <summary>Only orders in this state.</summary>
    public OrderStatus? Status { get; init; }
    /// <summary>Only orders an admin should look at, or only the others; absent: all.</summary>
    public bool? Attention { get; init; }
    /// <summary>Only orders with a lower id: the last one of the page before.</summary>
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

    // One account may have the e-mail of another as its name.
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
