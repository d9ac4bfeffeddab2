namespace PayRecharge.Domain.Orders;

/// <summary>The wallet whose code the buyer scans.</summary>
public enum PaymentChannel
{
    /// <summary>WeChat Pay.</summary>
    WeChat = 0,
    /// <summary>Alipay.</summary>
    Alipay = 1,
}
