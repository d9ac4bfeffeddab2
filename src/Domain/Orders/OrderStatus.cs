namespace PayRecharge.Domain.Orders;

/// <summary>Where an order stands. Money may come in any state but the paid ones; late money is fulfilled all the same.</summary>
public enum OrderStatus
{
    /// <summary>Made, not paid.</summary>
    Pending = 1,
    /// <summary>Paid, and what was bought has been delivered, in one commit.</summary>
    Fulfilled = 2,
    /// <summary>Ended unpaid: refused by the gateway, or expired.</summary>
    Closed = 3,
    /// <summary>Paid, but what was bought could not be delivered; an admin has to act.</summary>
    NeedsAttention = 4,
    /// <summary>Paid, and the money went back to the buyer.</summary>
    Refunded = 5,
}
