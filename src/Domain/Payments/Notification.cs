namespace PayRecharge.Domain.Payments;

/// <summary>How a message of the gateway arrived. The numbers are stored.</summary>
public enum NotificationSource
{
    /// <summary>The gateway sent a notice.</summary>
    Notify = 1,
    /// <summary>The gateway answered a query.</summary>
    Check = 2,
    /// <summary>An admin confirmed a payment.</summary>
    Admin = 3,
    /// <summary>The gateway answered a refund request.</summary>
    Refund = 4,
}

/// <summary>
/// A message of the gateway, stored as evidence, one row per content. Of messages that prove no payment, only the newest are stored.
/// </summary>
public sealed class Notification
{
    /// <summary>The maximum size of an accepted message, in bytes.</summary>
    public const int MaximumBytes = 8 * 1024;

    private Notification() { }

    /// <summary>The row's id.</summary>
    public long Id { get; private set; }
    /// <summary>How the message arrived.</summary>
    public NotificationSource Source { get; private set; }
    /// <summary>The code of the gateway.</summary>
    public string Gateway { get; private set; } = "";
    /// <summary>SHA-256 of the content, in upper-case hex; unique at its gateway.</summary>
    public string ContentHash { get; private set; } = "";
    /// <summary>Whether the message is complete and signed by a valid key, or an admin confirmed it.</summary>
    public bool Signed { get; private set; }
    /// <summary>The merchant's number of the order, if the message names one.</summary>
    public string? OrderNumber { get; private set; }
    /// <summary>Why the message was not accepted; absent if it was accepted.</summary>
    public string? QuarantineReason { get; private set; }
    /// <summary>The message's bytes; null in rows of versions before 0.3.</summary>
    public byte[]? Body { get; private set; }
    /// <summary>The content type that the sender declared.</summary>
    public string? ContentType { get; private set; }
    /// <summary>The form that versions before 0.3 stored as text; empty if there is a <see cref="Body"/>.</summary>
    public string Content { get; private set; } = "";
    /// <summary>The sender's address; absent unless the message is a notice.</summary>
    public string? RemoteAddress { get; private set; }
    /// <summary>The amount in fen, if this message was the first to report an order's payment.</summary>
    public long? AmountFen { get; private set; }
    /// <summary>When that payment was made (UTC), by the gateway's clock.</summary>
    public DateTimeOffset? PaidAt { get; private set; }
    /// <summary>When the message first arrived (UTC).</summary>
    public DateTimeOffset ReceivedAt { get; private set; }

    /// <summary>Creates the record of a message.</summary>
    public static Notification Of(
        NotificationSource source, string gateway, string contentHash, bool signed, string? orderNumber, RawMessage raw,
        string? remoteAddress, DateTimeOffset now, string? quarantineReason = null) => new()
        {
            Source = source,
            Gateway = gateway,
            ContentHash = contentHash,
            Signed = signed,
            OrderNumber = Cut(orderNumber, 64),
            QuarantineReason = Cut(quarantineReason, 255),
            Body = raw.Body,
            ContentType = Cut(raw.ContentType, 255),
            RemoteAddress = remoteAddress,
            ReceivedAt = now,
        };

    /// <summary>The message as it arrived.</summary>
    public RawMessage Raw => Body is null ? RawMessage.Of(Content) with { ContentType = "application/x-www-form-urlencoded" } : new(Body, ContentType);

    /// <summary>Puts the message into quarantine or takes it out.</summary>
    /// <param name="quarantineReason">Why the message is not accepted; null if it is accepted.</param>
    /// <param name="signed">Whether a key that is valid now signed it.</param>
    /// <param name="orderNumber">The merchant's number of the order, as read now.</param>
    public void Judge(string? quarantineReason, bool signed, string? orderNumber) =>
        (QuarantineReason, Signed, OrderNumber) = (Cut(quarantineReason, 255), signed, Cut(orderNumber, 64));

    /// <summary>Makes the message the evidence of an order's payment. Each paid order has one.</summary>
    public void Confirm(ReportedPayment payment) => (AmountFen, PaidAt) = (payment.AmountFen, payment.PaidAt);

    // A reason may quote the message, which anyone may have sent.
    private static string? Cut(string? text, int length) => text is null ? null : Storable(text) is var whole && whole.Length <= length ? whole : whole[..length];

    // SQLite reads a text up to its first NUL.
    private static string Storable(string text) => text.Replace("\0", "%00", StringComparison.Ordinal);
}
