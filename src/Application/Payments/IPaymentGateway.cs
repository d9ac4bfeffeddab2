using PayRecharge.Application.Settings;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Payments;

/// <summary>
/// The payment gateway. Every call ends within 10 seconds; where the gateway cannot be reached or believed it throws
/// <see cref="Domain.RefusedException"/> with <see cref="Domain.Refusal.GatewayFailed"/>.
/// </summary>
public interface IPaymentGateway
{
    /// <summary>Whether the money is real.</summary>
    GatewayMode Mode { get; }

    /// <summary>Whether orders can be placed: a merchant, the switch, and an address the gateway can notify.</summary>
    bool IsReady(RechargeSettings settings);

    /// <summary>Asks for a payment code, once: a second call could make a second order.</summary>
    Task<PlacementOutcome> PlaceAsync(Order order, Merchant merchant, RechargeSettings settings, CancellationToken cancellationToken);

    /// <summary>Asks whether an order is paid. A "paid" answer ends the gateway's notices, so store it before acting on it.</summary>
    /// <param name="gatewayOrderId">The gateway's id of the order.</param>
    /// <param name="keys">The keys of the order's merchant, the one in use first: the gateway may still know an older one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<GatewayMessage> CheckAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken);

    /// <summary>Ends an unpaid order at the gateway.</summary>
    /// <returns>Whether the gateway did it; false where it refused, as for an order that is paid.</returns>
    Task<bool> CloseAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken);

    /// <summary>Gives the whole of an order's money back. Asked again it says so and pays nothing more.</summary>
    /// <param name="gatewayOrderId">The gateway's id of the order.</param>
    /// <param name="keys">The keys of the order's merchant, the one in use first.</param>
    /// <param name="cancellationToken">Ends the call; the money may be on its way all the same.</param>
    Task<RefundReply> RefundAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken);

    /// <summary>Asks for the merchant's name: a harmless way to try a merchant and its key.</summary>
    Task<string> ReadMerchantNameAsync(Merchant merchant, CancellationToken cancellationToken);

    /// <summary>Reads a notice that somebody sent us: whether one of the merchants' keys signed it, and what is wrong with it.</summary>
    /// <param name="fields">The fields as received, or null where it was no form.</param>
    /// <param name="content">The message as text, as received.</param>
    /// <param name="merchants">The merchants whose keys count.</param>
    GatewayMessage ReadNotice(IReadOnlyList<KeyValuePair<string, string>>? fields, string content, IReadOnlyList<Merchant> merchants);

    /// <summary>Reads a notice anew that was kept.</summary>
    /// <param name="content">The message as text, as received.</param>
    /// <param name="merchants">The merchants whose keys count.</param>
    GatewayMessage ReadNotice(string content, IReadOnlyList<Merchant> merchants);
}

/// <summary>What the gateway answers to an order.</summary>
public abstract record PlacementOutcome;

/// <summary>The gateway took the order; the buyer can scan this.</summary>
/// <param name="CodeUrl">The text of the payment code, good for 2 hours.</param>
/// <param name="OrderNumber">The merchant's number, echoed.</param>
/// <param name="GatewayOrderId">The gateway's id of the order.</param>
/// <param name="QrCodeUrl">The address of the code as a picture.</param>
/// <param name="Message">The gateway's message.</param>
/// <param name="AmountFen">The amount in fen, echoed.</param>
/// <param name="Signature">The gateway's signature over its reply.</param>
public sealed record PaymentCode(
    string CodeUrl, string OrderNumber, string GatewayOrderId, string QrCodeUrl, string Message, long AmountFen, string Signature) : PlacementOutcome;

/// <summary>The gateway refused the order.</summary>
/// <param name="Message">Its reason.</param>
public sealed record GatewayRefusal(string Message) : PlacementOutcome;

/// <summary>What the gateway answers to a refund.</summary>
/// <param name="Done">Whether the money went back, now or before; false where the gateway refuses.</param>
/// <param name="Content">What it says, as text.</param>
public sealed record RefundReply(bool Done, string Content);

/// <summary>A message about a payment, read.</summary>
/// <param name="ContentHash">SHA-256 of what it says, upper-case hex.</param>
/// <param name="Signed">Whether one of our keys signed it and nothing is missing in it. The reply to an order, which every buyer sees, is signed too and proves nothing.</param>
/// <param name="OrderNumber">The order it names, if any.</param>
/// <param name="Content">What it says, as text.</param>
/// <param name="Defect">Why it is no report of a payment; absent where <paramref name="Payment"/> is there.</param>
/// <param name="Payment">The payment it reports.</param>
public sealed record GatewayMessage(
    string ContentHash, bool Signed, string? OrderNumber, string Content, string? Defect, ReportedPayment? Payment)
{
    /// <summary>The keys that signed it: a retired one counts for older orders only (<see cref="Merchant.SignsFor"/>).</summary>
    public IReadOnlyList<Merchant> Keys { get; init; } = [];
}
