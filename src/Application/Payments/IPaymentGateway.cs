using PayRecharge.Application.Settings;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Payments;

/// <summary>
/// A payment gateway. Every call ends within 10 seconds. If the gateway cannot be reached, or its reply cannot be trusted, the call
/// throws <see cref="Domain.RefusedException"/> with <see cref="Domain.Refusal.GatewayFailed"/>.
/// </summary>
public interface IPaymentGateway
{
    /// <summary>Names the gateway in the database and in addresses: at most 16 lower-case letters and digits.</summary>
    string Code { get; }

    /// <summary>Whether the money is real.</summary>
    GatewayMode Mode { get; }

    /// <summary>When to ask about an order that nobody has reported as paid.</summary>
    CheckSchedule Schedule { get; }

    /// <summary>How many questions a second all instances together may ask; 0 if this instance asks none.</summary>
    int ChecksPerSecond { get; }

    /// <summary>The merchant that a new sandbox begins with; null if the gateway has no sandbox.</summary>
    Merchant? SandboxMerchant { get; }

    /// <summary>The address that the gateway sends its notices to.</summary>
    /// <param name="baseAddress">Where the owner says that the gateway reaches this server; null if not set.</param>
    /// <returns>Null if the gateway cannot reach this server.</returns>
    string? NotifyUrl(string? baseAddress);

    /// <summary>Asks for a payment code, once: a second call could make a second order.</summary>
    /// <param name="order">The order, stored before.</param>
    /// <param name="merchant">The merchant that the money goes to.</param>
    /// <param name="notifyUrl">Where to send notices (<see cref="NotifyUrl"/>).</param>
    /// <param name="cancellationToken">Ends the call; the gateway may know the order all the same.</param>
    Task<PlacementOutcome> PlaceAsync(Order order, Merchant merchant, string notifyUrl, CancellationToken cancellationToken);

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

    /// <summary>Reads a notice: whether one of the merchants' keys signed it, and why it is no report of a payment if it is none.</summary>
    /// <param name="notice">The notice as anybody may have sent it.</param>
    /// <param name="merchants">The merchants whose keys count.</param>
    GatewayMessage ReadNotice(RawMessage notice, IReadOnlyList<Merchant> merchants);
}

/// <summary>What the gateway answers to an order.</summary>
public abstract record PlacementOutcome;

/// <summary>The gateway took the order; the buyer can scan this.</summary>
/// <param name="Gateway">The code of the gateway.</param>
/// <param name="Code">The text of the payment code.</param>
/// <param name="PictureUrl">The address of the code as a picture.</param>
/// <param name="OrderNumber">The merchant's number of the order.</param>
/// <param name="GatewayOrderId">The gateway's id of the order.</param>
/// <param name="AmountFen">The amount in fen.</param>
/// <param name="Reply">The fields of the gateway's reply, for clients that know that gateway.</param>
public sealed record PaymentCode(
    string Gateway, string Code, string PictureUrl, string OrderNumber, string GatewayOrderId, long AmountFen, IReadOnlyDictionary<string, string> Reply) : PlacementOutcome;

/// <summary>The gateway refused the order.</summary>
/// <param name="Message">Its reason.</param>
public sealed record GatewayRefusal(string Message) : PlacementOutcome;

/// <summary>What the gateway answers to a refund.</summary>
/// <param name="Done">Whether the money went back, now or before; false where the gateway refuses.</param>
/// <param name="Content">What it says, as text.</param>
public sealed record RefundReply(bool Done, string Content);

/// <summary>A message about a payment, read.</summary>
/// <param name="Gateway">The code of the gateway that it is of.</param>
/// <param name="ContentHash">SHA-256 of what it says, upper-case hex.</param>
/// <param name="Signed">Whether one of our keys signed it and nothing is missing in it. The reply to an order, which every buyer sees, is signed too and proves nothing.</param>
/// <param name="OrderNumber">The order it names, if any.</param>
/// <param name="Raw">The message itself.</param>
/// <param name="Defect">Why it is no report of a payment; absent where <paramref name="Payment"/> is there.</param>
/// <param name="Payment">The payment it reports.</param>
public sealed record GatewayMessage(
    string Gateway, string ContentHash, bool Signed, string? OrderNumber, RawMessage Raw, string? Defect, ReportedPayment? Payment)
{
    /// <summary>The keys that signed it: a retired one counts for older orders only (<see cref="Merchant.SignsFor"/>).</summary>
    public IReadOnlyList<Merchant> Keys { get; init; } = [];
}
