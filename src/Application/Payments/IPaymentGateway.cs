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
    /// <summary>The gateway's name in the database and in addresses: at most 16 lower-case letters and digits.</summary>
    string Code { get; }

    /// <summary>Whether the money is real.</summary>
    GatewayMode Mode { get; }

    /// <summary>When to query the gateway about an order without a reported payment.</summary>
    CheckSchedule Schedule { get; }

    /// <summary>The maximum number of queries per second by all instances together; 0 if this instance sends none.</summary>
    int ChecksPerSecond { get; }

    /// <summary>The merchant that a new sandbox starts with; null if the gateway has no sandbox.</summary>
    Merchant? SandboxMerchant { get; }

    /// <summary>The address that the gateway sends its notices to.</summary>
    /// <param name="baseAddress">The address at which the gateway reaches this server, as set by the owner; null if not set.</param>
    /// <returns>Null if the gateway cannot reach this server.</returns>
    string? NotifyUrl(string? baseAddress);

    /// <summary>Asks for a payment code, once: a second call could create a second order.</summary>
    /// <param name="order">The order, already stored.</param>
    /// <param name="merchant">The merchant that receives the money.</param>
    /// <param name="notifyUrl">Where to send notices (<see cref="NotifyUrl"/>).</param>
    /// <param name="cancellationToken">Cancels the call; the gateway may still have the order.</param>
    Task<PlacementOutcome> PlaceAsync(Order order, Merchant merchant, string notifyUrl, CancellationToken cancellationToken);

    /// <summary>Queries whether an order is paid. A "paid" answer ends the gateway's notices, so store it before acting on it.</summary>
    /// <param name="gatewayOrderId">The gateway's id of the order.</param>
    /// <param name="keys">The keys of the order's merchant, the current one first: the gateway may still use an older one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<GatewayMessage> CheckAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken);

    /// <summary>Closes an unpaid order at the gateway.</summary>
    /// <returns>False if the gateway refused, as it does for a paid order.</returns>
    Task<bool> CloseAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken);

    /// <summary>Refunds an order completely. If repeated, it reports success and pays nothing more.</summary>
    /// <param name="gatewayOrderId">The gateway's id of the order.</param>
    /// <param name="keys">The keys of the order's merchant, the current one first.</param>
    /// <param name="cancellationToken">Cancels the call; the money may still go back.</param>
    Task<RefundReply> RefundAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken);

    /// <summary>Reads the merchant's name: a harmless test of a merchant and its key.</summary>
    Task<string> ReadMerchantNameAsync(Merchant merchant, CancellationToken cancellationToken);

    /// <summary>Reads a notice: whether one of the merchants' keys signed it, and why it does not report a payment, if so.</summary>
    /// <param name="notice">The notice, which anyone may have sent.</param>
    /// <param name="merchants">The merchants whose keys are valid.</param>
    GatewayMessage ReadNotice(RawMessage notice, IReadOnlyList<Merchant> merchants);
}

/// <summary>The gateway's answer to an order.</summary>
public abstract record PlacementOutcome;

/// <summary>The gateway accepted the order; the buyer can scan this code.</summary>
/// <param name="Gateway">The code of the gateway.</param>
/// <param name="Code">The text of the payment code.</param>
/// <param name="PictureUrl">The URL of the code's picture.</param>
/// <param name="OrderNumber">The merchant's number of the order.</param>
/// <param name="GatewayOrderId">The gateway's id of the order.</param>
/// <param name="AmountFen">The amount in fen.</param>
/// <param name="Message">The gateway's message.</param>
/// <param name="Reply">The fields of the gateway's reply, for clients of that gateway.</param>
public sealed record PaymentCode(
    string Gateway, string Code, string PictureUrl, string OrderNumber, string GatewayOrderId, long AmountFen, string Message,
    IReadOnlyDictionary<string, string> Reply) : PlacementOutcome;

/// <summary>The gateway refused the order.</summary>
/// <param name="Message">The gateway's reason.</param>
public sealed record GatewayRefusal(string Message) : PlacementOutcome;

/// <summary>The gateway's answer to a refund request.</summary>
/// <param name="Done">Whether the money went back, now or before; false if the gateway refused.</param>
/// <param name="Content">The answer as text.</param>
public sealed record RefundReply(bool Done, string Content);

/// <summary>A parsed message about a payment.</summary>
/// <param name="Gateway">The code of the gateway.</param>
/// <param name="ContentHash">SHA-256 of the content, in upper-case hex.</param>
/// <param name="Signed">
/// Whether one of our keys signed it and it is complete. A signature alone proves nothing: the reply to an order, which every buyer
/// sees, is also signed.
/// </param>
/// <param name="OrderNumber">The merchant's number of the order, if the message names one.</param>
/// <param name="Raw">The message as received.</param>
/// <param name="Defect">Why it does not report a payment; null if there is a <paramref name="Payment"/>.</param>
/// <param name="Payment">The reported payment.</param>
public sealed record GatewayMessage(
    string Gateway, string ContentHash, bool Signed, string? OrderNumber, RawMessage Raw, string? Defect, ReportedPayment? Payment)
{
    /// <summary>The keys that signed it. A retired key is valid only for older orders (<see cref="Merchant.SignsFor"/>).</summary>
    public IReadOnlyList<Merchant> Keys { get; init; } = [];
}
