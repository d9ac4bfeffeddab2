namespace PayRecharge.Application.Orders;

/// <summary>Lets any number of callers wait for the delivery of orders by any instance.</summary>
public interface IOrderWatch
{
    /// <summary>Waits until an order is fulfilled, the time is up or the server begins to stop.</summary>
    Task WaitAsync(long orderId, TimeSpan limit, CancellationToken cancellationToken);
}
