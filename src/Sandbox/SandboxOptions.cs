namespace PayRecharge.Sandbox;

/// <summary>
/// The sandbox's only merchant. The singleton is read for every signature, so that the host application may change it while orders
/// are open: later requests, replies and notifications use the new value. An order keeps the merchant number it was created with.
/// </summary>
public sealed class SandboxOptions
{
    /// <summary>The merchant number (<c>mchid</c>) that requests must carry.</summary>
    public string MerchantId { get; set; } = SandboxGateway.MerchantId;

    /// <summary>The key (通信密钥) that signs requests, replies and notifications. No endpoint returns it.</summary>
    public string MerchantKey { get; set; } = SandboxGateway.MerchantKey;

    /// <summary>The maximum number of orders; the oldest are dropped.</summary>
    public int MaxOrders { get; set; } = 100_000;
}
