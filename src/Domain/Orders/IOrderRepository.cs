namespace PayRecharge.Domain.Orders;

/// <summary>The orders, for commands. Methods need a unit of work, unless they say otherwise.</summary>
public interface IOrderRepository
{
    /// <summary>Adds a new order. It is stored when the unit of work ends.</summary>
    /// <param name="order">The order.</param>
    /// <param name="caller">The caller's address, as counted by limits.</param>
    /// <param name="checkAt">When its gateway is first queried about it (UTC).</param>
    /// <param name="turn">How many times <see cref="CheckPriority.PerTurn"/> the order is delayed behind others.</param>
    void Add(Order order, DateTimeOffset checkAt, string caller, int turn);

    /// <summary>Counts the open unpaid orders of a buyer and of an address, each up to 10,000.</summary>
    Task<(int OfUser, int OfCaller)> CountOpenAsync(long uid, string caller, CancellationToken cancellationToken);

    /// <summary>Stops counting an order without a payment code as open, and checks it last. One statement; needs no unit of work.</summary>
    Task GiveUpPlaceAsync(long id, CancellationToken cancellationToken);

    /// <summary>Finds an order by id and locks it until the transaction ends.</summary>
    Task<Order?> LockAsync(long id, CancellationToken cancellationToken);

    /// <summary>Finds an order by the merchant's number and locks it until the transaction ends.</summary>
    Task<Order?> LockByNumberAsync(string number, CancellationToken cancellationToken);

    /// <summary>Finds orders by the merchant's numbers and locks them until the transaction ends. Skips locked orders.</summary>
    Task<IReadOnlyList<Order>> LockFreeAsync(IReadOnlyCollection<string> numbers, CancellationToken cancellationToken);

    /// <summary>Sets the gateway's id of an order that has none. One statement; needs no unit of work.</summary>
    /// <returns>False if the order already has an id.</returns>
    Task<bool> TryAttachGatewayOrderAsync(long id, string gatewayOrderId, CancellationToken cancellationToken);

    /// <summary>Sets when an order is next due. Adds it to the queue of due orders if it is not there.</summary>
    Task RescheduleAsync(Order order, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the closed unpaid orders among the next ones. An order stays if it was paid, a stored message of the gateway names it, or
    /// it needs an admin's attention.
    /// </summary>
    /// <param name="after">Starts after this id.</param>
    /// <param name="count">How many orders to examine.</param>
    /// <param name="madeBefore">Orders created at this time or later stay (UTC).</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The id to continue after, null at the end; and the number of removed orders.</returns>
    Task<(long? Next, int Removed)> ClearUnpaidAsync(long after, int count, DateTimeOffset madeBefore, CancellationToken cancellationToken);

    /// <summary>Whether an order has this id at the gateway.</summary>
    Task<bool> HasGatewayOrderAsync(string gateway, string gatewayOrderId, CancellationToken cancellationToken);
}
