namespace PayRecharge.Application.Orders;

/// <summary>
/// The gateway that clients were written for. Clients name its orders by its ids, and other gateways' orders by the merchant's number,
/// because ids of two gateways may be equal.
/// </summary>
/// <param name="Code">The code of the gateway.</param>
public sealed record ClientGateway(string Code)
{
    /// <summary>The id by which clients name an order.</summary>
    public string IdOf(string gateway, string gatewayOrderId, string number) => gateway == Code ? gatewayOrderId : number;
}
