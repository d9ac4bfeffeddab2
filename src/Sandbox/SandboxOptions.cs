namespace PayRecharge.Sandbox;

/// <summary>
/// The one merchant the sandbox knows. Registered as a singleton and read anew for every signature, so a host that runs the sandbox
/// in its own process may change it while orders are open: requests, replies and notifications use the new value from then on.
/// An order keeps the merchant number it was made under.
/// </summary>
public sealed class SandboxOptions
{
    /// <summary>The merchant number (<c>mchid</c>) that requests must carry.</summary>
    public string MerchantId { get; set; } = SandboxGateway.MerchantId;

    /// <summary>The key (通信密钥) that signs requests, replies and notifications. Never shown by any endpoint.</summary>
    public string MerchantKey { get; set; } = SandboxGateway.MerchantKey;

    /// <summary>How many orders it remembers; the oldest make room.</summary>
    public int MaxOrders { get; set; } = 100_000;
}
