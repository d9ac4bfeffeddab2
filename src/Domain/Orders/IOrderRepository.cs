namespace PayRecharge.Domain.Orders;

/// <summary>Orders as the commands need them; inside a unit of work unless one says otherwise.</summary>
public interface IOrderRepository
{
    /// <summary>Adds a new order, to be stored when the unit of work ends.</summary>
    /// <param name="order">The order.</param>
    /// <param name="caller">The address that ordered, as limits count it.</param>
    /// <param name="checkAt">When its gateway is asked about it first (UTC).</param>
    /// <param name="turn">How many turns of <see cref="CheckPriority.PerTurn"/> it lets others go first.</param>
    void Add(Order order, DateTimeOffset checkAt, string caller, int turn);

    /// <summary>Counts the open unpaid orders of a buyer and of an address, each up to 10,000.</summary>
    Task<(int OfUser, int OfCaller)> CountOpenAsync(long uid, string caller, CancellationToken cancellationToken);

    /// <summary>Has an order that got no payment code count no more among the open ones, and be seen to last, in one statement that needs no unit of work.</summary>
    Task GiveUpPlaceAsync(long id, CancellationToken cancellationToken);

    /// <summary>Finds an order by id and locks it until the transaction ends.</summary>
    Task<Order?> LockAsync(long id, CancellationToken cancellationToken);

    /// <summary>Finds an order by the merchant's number and locks it until the transaction ends.</summary>
    Task<Order?> LockByNumberAsync(string number, CancellationToken cancellationToken);

    /// <summary>Finds orders by the merchant's numbers and locks them until the transaction ends, without those that others have locked: it waits for nobody.</summary>
    Task<IReadOnlyList<Order>> LockFreeAsync(IReadOnlyCollection<string> numbers, CancellationToken cancellationToken);

    /// <summary>Gives an order without one the gateway's id, in one statement that needs no unit of work.</summary>
    /// <returns>False where it has one by now.</returns>
    Task<bool> TryAttachGatewayOrderAsync(long id, string gatewayOrderId, CancellationToken cancellationToken);

    /// <summary>Puts an order on the queue of those to be seen to, whether it is on it or not.</summary>
    Task RescheduleAsync(Order order, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>
    /// Removes those of the next orders that were closed unpaid: never those that were paid, that a kept message of the gateway names,
    /// or that an admin should look at.
    /// </summary>
    /// <param name="after">The id after which to look.</param>
    /// <param name="count">How many orders to look at.</param>
    /// <param name="madeBefore">Newer ones stay (UTC).</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>After which id to go on, null at the end; and how many were removed.</returns>
    Task<(long? Next, int Removed)> ClearUnpaidAsync(long after, int count, DateTimeOffset madeBefore, CancellationToken cancellationToken);

    /// <summary>Whether any order has this id of a gateway.</summary>
    Task<bool> HasGatewayOrderAsync(string gateway, string gatewayOrderId, CancellationToken cancellationToken);
}
