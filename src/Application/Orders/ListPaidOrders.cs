using MediatR;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Orders;

/// <summary>Lists what an account has paid for, newest first.</summary>
/// <param name="Uid">The account.</param>
/// <param name="Skip">How many to leave out at the beginning.</param>
/// <param name="Take">How many to list; absent: all.</param>
public sealed record ListPaidOrders(long Uid, long Skip, int? Take) : IRequest<PaidOrders>;

/// <summary>Paid orders, to be read once.</summary>
/// <param name="Count">How many <paramref name="Orders"/> will yield.</param>
/// <param name="Orders">The orders, as they come from the database.</param>
public sealed record PaidOrders(long Count, IAsyncEnumerable<OrderView> Orders);

internal sealed class ListPaidOrdersHandler(IUserAccountRepository accounts, IOrderQueries orders) : IRequestHandler<ListPaidOrders, PaidOrders>
{
    public async Task<PaidOrders> Handle(ListPaidOrders request, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(request.Uid, cancellationToken) ?? throw new RefusedException(Refusal.TokenUnknown);
        if (!account.Enabled) throw new RefusedException(Refusal.AccountDisabled);

        var take = request.Take ?? int.MaxValue;
        var rows = orders.ReadPaidAsync(request.Uid, request.Skip, take).GetAsyncEnumerator(cancellationToken);
        // The first row tells how many there are, before any of them is written.
        if (!await rows.MoveNextAsync())
        {
            await rows.DisposeAsync();
            return new PaidOrders(0, AsyncEnumerable.Empty<OrderView>());
        }
        return new PaidOrders(Math.Min(rows.Current.Total - request.Skip, take), RestAsync(rows));
    }

    private static async IAsyncEnumerable<OrderView> RestAsync(IAsyncEnumerator<(long Total, OrderView Order)> rows)
    {
        await using (rows)
        {
            do yield return rows.Current.Order;
            while (await rows.MoveNextAsync());
        }
    }
}
