using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Payments;

/// <summary>
/// Settles notices for orders that wait for their payment, as nearly all notices are. Concurrent notices share a transaction
/// (<see cref="Collector{TQuestion,TAnswer}"/>) and its commit. It skips locked rows: no notice waits for another order's lock, and
/// two such transactions never wait for each other.
/// </summary>
internal sealed class SharedSettlement
{
    /// <summary>The maximum number of notices per transaction.</summary>
    private const int MostAtOnce = 16;

    /// <summary>While one transaction is prepared here, the database executes the other.</summary>
    private const int TransactionsAtOnce = 2;

    /// <summary>The time limit of a transaction: after that, all its callers have given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly IServiceScopeFactory _scopes;
    private readonly Collector<Notice, bool> _notices;

    public SharedSettlement(IServiceScopeFactory scopes)
    {
        _scopes = scopes;
        _notices = new(MostAtOnce, SettleAsync, TransactionsAtOnce);
    }

    /// <summary>Applies a payment, delivers, and stores the message as evidence.</summary>
    /// <param name="message">The message, with a payment.</param>
    /// <param name="remoteAddress">The sender's address.</param>
    /// <param name="cancellationToken">Cancels the wait; the payment may still be stored.</param>
    /// <returns>False if the payment needs the slow path (<see cref="Settlement"/>); nothing was stored.</returns>
    /// <exception cref="UniqueConstraintException">The message, or the delivery that it pays for, is already stored.</exception>
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
                // A second notice of the same order finds the order paid.
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
