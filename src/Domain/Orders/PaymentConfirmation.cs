namespace PayRecharge.Domain.Orders;

/// <summary>The result of matching a payment with its order. Values after <see cref="Already"/> are mismatches; nothing changed.</summary>
public enum PaymentConfirmation
{
    /// <summary>This payment paid the order.</summary>
    FirstTime,
    /// <summary>The order was paid before; nothing changed.</summary>
    Already,
    /// <summary>The payment was made at another gateway.</summary>
    OtherGateway,
    /// <summary>The payment went to another merchant, or to the same one in another mode.</summary>
    OtherMerchant,
    /// <summary>The amount differs from the order's.</summary>
    OtherAmount,
    /// <summary>The gateway's id differs from the order's.</summary>
    OtherGatewayOrder,
}
