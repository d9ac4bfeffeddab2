using System.Globalization;
using MediatR;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Orders;

/// <summary>Lists an account's fulfilled orders, newest first.</summary>
/// <param name="Login">The account's login.</param>
/// <param name="Page">The page, from 1, as the client sent it, or empty.</param>
/// <param name="PerPage">The page size, 1–200, as the client sent it, or empty. If both are empty, everything is listed.</param>
public sealed record ListPaidOrders(Login Login, string Page, string PerPage) : IRequest<PaidOrders>;

/// <summary>Paid orders, which can be read once.</summary>
/// <param name="Count">The number of <paramref name="Orders"/>.</param>
/// <param name="Orders">The orders, streamed from the database.</param>
public sealed record PaidOrders(long Count, IAsyncEnumerable<OrderView> Orders);

internal sealed class ListPaidOrdersHandler(IOrderQueries orders) : IRequestHandler<ListPaidOrders, PaidOrders>
{
    /// <summary>Rows per read. Between batches, no connection waits for a slow client.</summary>
    private const int Batch = 500;

    public async Task<PaidOrders> Handle(ListPaidOrders request, CancellationToken cancellationToken)
    {
        var (uid, _, enabled) = request.Login;
        if (enabled is null) throw new RefusedException(Refusal.TokenUnknown);
        if (enabled is false) throw new RefusedException(Refusal.AccountDisabled);

        var (skip, take) = Cut(request);
        var first = await orders.ReadPaidAsync(uid, skip, Math.Min(take, Batch), cancellationToken);
        // All pages and most lists fit into one batch.
        var count = first.Count;
        if (count < Batch) return new PaidOrders(count, AllAsync(first, count));
        // The count is sent before the orders. Orders paid from now on sort before the first one, so they are not part of the list.
        var total = count + await orders.CountPaidAfterAsync(first[^1], cancellationToken);
        return new PaidOrders(total, AllAsync(first, total));
    }

    // Clients of the original send no page.
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

    // The request's time limit covers only the start of the answer: a client may read a long list slowly. A disconnect ends it.
    private async IAsyncEnumerable<OrderView> AllAsync(IReadOnlyList<OrderView> batch, long count)
    {
        for (var left = count; left > 0;)
        {
            foreach (var order in batch) yield return order;
            left -= batch.Count;
            if (left > 0) batch = await orders.ReadPaidAfterAsync(batch[^1], (int)Math.Min(left, Batch), CancellationToken.None);
        }
    }
}
