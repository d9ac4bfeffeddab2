namespace PayRecharge.Application.Orders;

/// <summary>Lets any number of askers wait until orders are delivered, whichever instance delivers them.</summary>
public interface IOrderWatch
{
    /// <summary>Waits until an order is fulfilled, the time is up or the server is about to stop, whichever comes first.</summary>
    Task WaitAsync(long orderId, TimeSpan limit, CancellationToken cancellationToken);
}
