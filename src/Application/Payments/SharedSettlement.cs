using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Payments;

/// <summary>
/// Settles what notices report of orders that wait for their payment, which is what nearly all notices do. Those that come at the same
/// time share a transaction (<see cref="Collector{TQuestion,TAnswer}"/>), and so its commit. It waits for nobody's lock, so that
/// none waits for what another's order is in the way of, and two such transactions never wait for each other.
/// </summary>
internal sealed class SharedSettlement
{
    /// <summary>How many notices share a transaction at most.</summary>
    private const int MostAtOnce = 16;

    /// <summary>While one is prepared here, the database works on the other.</summary>
    private const int TransactionsAtOnce = 2;

    /// <summary>How long a transaction may take: by then all who share it have given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly IServiceScopeFactory _scopes;
    private readonly Collector<Notice, bool> _notices;

    public SharedSettlement(IServiceScopeFactory scopes)
    {
        _scopes = scopes;
        _notices = new(MostAtOnce, SettleAsync, TransactionsAtOnce);
    }

    /// <summary>Takes a payment, delivers, and keeps the message as evidence.</summary>
    /// <param name="message">The message; it has a payment.</param>
    /// <param name="remoteAddress">Where it came from.</param>
    /// <param name="cancellationToken">Ends the wait; the payment may be stored all the same.</param>
    /// <returns>False where there is more to judge or to wait for, and nothing was stored: that is for <see cref="Settlement"/>.</returns>
    /// <exception cref="UniqueConstraintException">The message, or what it pays for, is stored already.</exception>
    public Task<bool> TrySettleAsync(GatewayMessage message, string remoteAddress, CancellationToken cancellationToken) =>
        _notices.AskAsync(new(message, remoteAddress), cancellationToken);

    private async Task<IReadOnlyList<bool>> SettleAsync(IReadOnlyList<Notice> notices, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        await using var scope = _scopes.CreateAsyncScope();
        T Get<T>() where T : notnull => scope.ServiceProvider.GetRequiredService<T>();
        var (orders, accounts, settlement) = (Get<IOrderRepository>(), Get<IUserAccountRepository>(), Get<Settlement>());
        return await Get<IUnitOfWork>().ExecuteAsync<IReadOnlyList<bool>>(async cancel =>
        {
            var free = (await orders.LockFreeAsync(notices.Select(n => n.OrderNumber).ToHashSet(), cancel)).ToDictionary(o => o.Number);
            if (free.Count == 0) return new bool[notices.Count];
            var buyers = await accounts.LockFreeAsync(free.Values.Select(o => o.Uid).ToHashSet(), cancel);
            var settled = new List<bool>(notices.Count);
            foreach (var notice in notices)
            {
                // An order's second notice finds it paid by the first.
                settled.Add(free.TryGetValue(notice.OrderNumber, out var order) && buyers.Contains(order.Uid)
                    && await settlement.TrySettleAsync(order, notice.Message, NotificationSource.Notify, notice.RemoteAddress, cancel));
            }
            return settled;
        }, limit.Token);
    }

    private sealed record Notice(GatewayMessage Message, string RemoteAddress)
    {
        public string OrderNumber => Message.OrderNumber!;
    }
}
