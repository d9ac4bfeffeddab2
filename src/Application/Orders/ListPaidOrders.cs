using System.Globalization;
using MediatR;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Orders;

/// <summary>Lists what an account has paid for, newest first.</summary>
/// <param name="Uid">The account.</param>
/// <param name="Page">The page from 1 as the client wrote it, or empty.</param>
/// <param name="PerPage">The size of a page, 1–200, as the client wrote it, or empty. Where both are empty, everything is listed.</param>
public sealed record ListPaidOrders(long Uid, string Page, string PerPage) : IRequest<PaidOrders>;

/// <summary>Paid orders, to be read once.</summary>
/// <param name="Count">How many <paramref name="Orders"/> will yield.</param>
/// <param name="Orders">The orders, as they come from the database.</param>
public sealed record PaidOrders(long Count, IAsyncEnumerable<OrderView> Orders);

internal sealed class ListPaidOrdersHandler(IUserAccountRepository accounts, IOrderQueries orders) : IRequestHandler<ListPaidOrders, PaidOrders>
{
    private static readonly PaidOrders None = new(0, AsyncEnumerable.Empty<OrderView>());

    public async Task<PaidOrders> Handle(ListPaidOrders request, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(request.Uid, cancellationToken) ?? throw new RefusedException(Refusal.TokenUnknown);
        if (!account.Enabled) throw new RefusedException(Refusal.AccountDisabled);

        var (skip, take) = Cut(request);
        // Further than any database could reach.
        if (skip > int.MaxValue) return None;
        var rows = orders.ReadPaidAsync(request.Uid, skip, take).GetAsyncEnumerator(cancellationToken);
        // The first row tells how many there are, before any of them is written.
        if (!await rows.MoveNextAsync())
        {
            await rows.DisposeAsync();
            return None;
        }
        return new PaidOrders(Math.Min(rows.Current.Total - skip, take), RestAsync(rows));
    }

    // Clients of the original know no pages.
    private static (long Skip, int Take) Cut(ListPaidOrders request)
    {
        if (request.Page.Length == 0 && request.PerPage.Length == 0) return (0, int.MaxValue);
        var page = Number(request.Page, int.MaxValue, absent: 1);
        var size = Number(request.PerPage, 200, absent: 20);
        return ((page - 1) * size, (int)size);
    }

    private static long Number(string text, long most, long absent) =>
        text.Length == 0 ? absent
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number
        : throw new RefusedException(Refusal.FieldInvalid);

    private static async IAsyncEnumerable<OrderView> RestAsync(IAsyncEnumerator<(long Total, OrderView Order)> rows)
    {
        await using (rows)
        {
            do yield return rows.Current.Order;
            while (await rows.MoveNextAsync());
        }
    }
}
