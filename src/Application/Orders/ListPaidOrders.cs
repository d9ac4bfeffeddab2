using System.Globalization;
using MediatR;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Orders;

/// <summary>Lists what an account has paid for, newest first.</summary>
/// <param name="Login">The account's login.</param>
/// <param name="Page">The page from 1 as the client wrote it, or empty.</param>
/// <param name="PerPage">The size of a page, 1–200, as the client wrote it, or empty. Where both are empty, everything is listed.</param>
public sealed record ListPaidOrders(Login Login, string Page, string PerPage) : IRequest<PaidOrders>;

/// <summary>Paid orders, to be read once.</summary>
/// <param name="Count">How many <paramref name="Orders"/> will yield.</param>
/// <param name="Orders">The orders, as they come from the database.</param>
public sealed record PaidOrders(long Count, IAsyncEnumerable<OrderView> Orders);

internal sealed class ListPaidOrdersHandler(IOrderQueries orders) : IRequestHandler<ListPaidOrders, PaidOrders>
{
    /// <summary>Rows read at once: between batches no connection waits for a slow client.</summary>
    private const int Batch = 500;

    public async Task<PaidOrders> Handle(ListPaidOrders request, CancellationToken cancellationToken)
    {
        var (uid, _, enabled) = request.Login;
        if (enabled is null) throw new RefusedException(Refusal.TokenUnknown);
        if (enabled is false) throw new RefusedException(Refusal.AccountDisabled);

        var (skip, take) = Cut(request);
        var first = await orders.ReadPaidAsync(uid, skip, Math.Min(take, Batch), cancellationToken);
        // Pages are shorter than that, and most lists: they are read now.
        var count = first.Count;
        if (count < Batch) return new PaidOrders(count, AllAsync(first, count));
        // How many there are is told before any of them is written. What is paid for from now on comes before the first, and is none of them.
        var total = count + await orders.CountPaidAfterAsync(first[^1], cancellationToken);
        return new PaidOrders(total, AllAsync(first, total));
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

    // The request's time limit is for its answer to begin; a long list may take its reader longer. A reader that hangs up ends it.
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
