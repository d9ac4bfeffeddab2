
namespace PayRecharge.Domain.Payments;

/// <summary>A payment reported by the gateway, with a verified signature.</summary>
/// <param name="Gateway">The code of the gateway.</param>
/// <param name="MerchantId">The merchant that received the money.</param>
/// <param name="Mode">The mode in which the report was received.</param>
/// <param name="OrderNumber">The merchant's number of the order.</param>
/// <param name="GatewayOrderId">The gateway's id of the order.</param>
/// <param name="AmountFen">The amount in fen.</param>
/// <param name="TransactionId">The wallet's id of the payment.</param>
/// <param name="PaidAt">When the buyer paid (UTC).</param>
public sealed record ReportedPayment(
    string Gateway,
    string MerchantId,
    GatewayMode Mode,
    string OrderNumber,
    string GatewayOrderId,
    long AmountFen,
    string TransactionId,
    DateTimeOffset PaidAt);
