namespace PayRecharge.Domain.Payments;

/// <summary>How a message of the gateway reached us. The numbers are stored.</summary>
public enum NotificationSource
{
    /// <summary>It was sent to us.</summary>
    Notify = 1,
    /// <summary>We asked for it.</summary>
    Check = 2,
    /// <summary>It is an admin's word that an order is paid.</summary>
    Admin = 3,
    /// <summary>It is the answer to a refund.</summary>
    Refund = 4,
}

/// <summary>
/// A message of the gateway, kept as evidence, one row per content. Of those that prove no payment only the newest are kept.
/// </summary>
public sealed class Notification
{
    /// <summary>The largest message that is looked at, in bytes.</summary>
    public const int MaximumBytes = 8 * 1024;

    private Notification() { }

    /// <summary>The row's id.</summary>
    public long Id { get; private set; }
    /// <summary>How it came.</summary>
    public NotificationSource Source { get; private set; }
    /// <summary>The code of the gateway that it is of.</summary>
    public string Gateway { get; private set; } = "";
    /// <summary>SHA-256 of what it says, upper-case hex, unique at its gateway.</summary>
    public string ContentHash { get; private set; } = "";
    /// <summary>Whether it is whole and signed by a key that counts, or an admin stands for it.</summary>
    public bool Signed { get; private set; }
    /// <summary>The order number it names, if any.</summary>
    public string? OrderNumber { get; private set; }
    /// <summary>Why it was not accepted; absent where it was.</summary>
    public string? QuarantineReason { get; private set; }
    /// <summary>The message's bytes; null in rows that a version before 0.3 wrote.</summary>
    public byte[]? Body { get; private set; }
    /// <summary>The content type that the message came with.</summary>
    public string? ContentType { get; private set; }
    /// <summary>The form that a version before 0.3 kept as text; empty if there is a <see cref="Body"/>.</summary>
    public string Content { get; private set; } = "";
    /// <summary>The address it came from; absent where we asked.</summary>
    public string? RemoteAddress { get; private set; }
    /// <summary>The amount in fen, where this message was the first to report an order's payment.</summary>
    public long? AmountFen { get; private set; }
    /// <summary>When that payment was made (UTC), by the gateway's clock.</summary>
    public DateTimeOffset? PaidAt { get; private set; }
    /// <summary>When it came first (UTC).</summary>
    public DateTimeOffset ReceivedAt { get; private set; }

    /// <summary>Records a message.</summary>
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

    /// <summary>The message as it came.</summary>
    public RawMessage Raw => Body is null ? RawMessage.Of(Content) with { ContentType = "application/x-www-form-urlencoded" } : new(Body, ContentType);

    /// <summary>Takes the message out of quarantine, or puts it in.</summary>
    /// <param name="quarantineReason">Why it is not accepted; absent where it is.</param>
    /// <param name="signed">Whether it is signed by a key that counts now.</param>
    /// <param name="orderNumber">The order number it names, as it is read now.</param>
    public void Judge(string? quarantineReason, bool signed, string? orderNumber) =>
        (QuarantineReason, Signed, OrderNumber) = (Cut(quarantineReason, 255), signed, Cut(orderNumber, 64));

    /// <summary>Makes the message the evidence of an order's payment: each paid order has one.</summary>
    public void Confirm(ReportedPayment payment) => (AmountFen, PaidAt) = (payment.AmountFen, payment.PaidAt);

    // A reason may quote the message, and that may be anybody's.
    private static string? Cut(string? text, int length) => text is null ? null : Storable(text) is var whole && whole.Length <= length ? whole : whole[..length];

    // SQLite reads a text up to its first NUL.
    private static string Storable(string text) => text.Replace("\0", "%00", StringComparison.Ordinal);
}
