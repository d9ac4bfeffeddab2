namespace PayRecharge.Domain.Orders;

/// <summary>What an order says to a payment reported for it. Everything past <see cref="Already"/> is a mismatch that changes nothing.</summary>
public enum PaymentConfirmation
{
    /// <summary>The order is paid by this, now.</summary>
    FirstTime,
    /// <summary>The order was paid before; nothing changes.</summary>
    Already,
    /// <summary>The payment was made at another gateway.</summary>
    OtherGateway,
    /// <summary>The payment went to another merchant, or to the same one in another mode.</summary>
    OtherMerchant,
    /// <summary>The amount is not the order's.</summary>
    OtherAmount,
    /// <summary>The gateway's id is not the order's.</summary>
    OtherGatewayOrder,
}
