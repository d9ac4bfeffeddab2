namespace PayRecharge.Application.Orders;

/// <summary>
/// The gateway that clients were written for. They name its orders by its own ids. Orders at another gateway they name by the
/// merchant's number, since ids of two gateways may be equal.
/// </summary>
/// <param name="Code">The gateway's code.</param>
public sealed record ClientGateway(string Code)
{
    /// <summary>The id that clients name an order by.</summary>
    public string IdOf(string gateway, string gatewayOrderId, string number) => gateway == Code ? gatewayOrderId : number;
}
