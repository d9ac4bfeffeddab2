namespace PayRecharge.Domain.Orders;

/// <summary>The state of an order. A payment can arrive in every unpaid state; a late payment is fulfilled, too.</summary>
public enum OrderStatus
{
    /// <summary>Not paid yet.</summary>
    Pending = 1,
    /// <summary>Paid, and the goods were delivered in the same commit.</summary>
    Fulfilled = 2,
    /// <summary>Closed unpaid: refused by the gateway, expired, or closed by an admin.</summary>
    Closed = 3,
    /// <summary>Paid, but the goods could not be delivered; an admin must act.</summary>
    NeedsAttention = 4,
    /// <summary>Paid, and the money was returned to the buyer.</summary>
    Refunded = 5,
}
