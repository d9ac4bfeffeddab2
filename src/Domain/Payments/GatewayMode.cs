namespace PayRecharge.Domain.Payments;

/// <summary>Whether an order's money is real. One database never contains both modes.</summary>
public enum GatewayMode
{
    /// <summary>Real money.</summary>
    Live = 0,
    /// <summary>Play money of the sandbox gateway.</summary>
    Sandbox = 1,
}
