namespace PayRecharge.Domain.Payments;

/// <summary>Which world an order's money belongs to. The two never mix in one database.</summary>
public enum GatewayMode
{
    /// <summary>Real money.</summary>
    Live = 0,
    /// <summary>The sandbox gateway's play money.</summary>
    Sandbox = 1,
}
