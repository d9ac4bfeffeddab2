namespace PayRecharge.Domain.Accounts;

/// <summary>The kind of value that a ledger entry changes. The numbers are stored.</summary>
public enum LedgerKind
{
    /// <summary>Credits of type 1.</summary>
    Credits1 = 1,
    /// <summary>Credits of type 2.</summary>
    Credits2 = 2,
    /// <summary>Credits of type 3.</summary>
    Credits3 = 3,
    /// <summary>Credits of type 4.</summary>
    Credits4 = 4,
    /// <summary>Credits of type 5.</summary>
    Credits5 = 5,
    /// <summary>Credits of type 6.</summary>
    Credits6 = 6,
    /// <summary>Credits of type 7.</summary>
    Credits7 = 7,
    /// <summary>Credits of type 8.</summary>
    Credits8 = 8,
    /// <summary>Card time: before and after are the expiry in unix seconds; 0 is permanent.</summary>
    CardTime = 9,
    /// <summary>Devices.</summary>
    Devices = 10,
    /// <summary>A kami delivered to a buyer: 0 before, 1 after. It changes no balance until it is redeemed.</summary>
    Kami = 11,
}

/// <summary>
/// One change of an account, never modified. Unique by <see cref="Key"/> and <see cref="Kind"/>; within an account and kind each
/// <see cref="Before"/> equals the previous <see cref="After"/>.
/// </summary>
public sealed class LedgerEntry
{
    private LedgerEntry() { }

    /// <summary>The row's id; within an account it increases with time.</summary>
    public long Id { get; private set; }
    /// <summary>The user id.</summary>
    public long Uid { get; private set; }
    /// <summary>The cause: <c>order:ID</c>, <c>kami:ID</c>, <c>refund:ID</c> of the order, <c>open:UID</c> or <c>admin:ACT</c>.</summary>
    public string Key { get; private set; } = "";
    /// <summary>The kind of value that changed.</summary>
    public LedgerKind Kind { get; private set; }
    /// <summary>After minus before.</summary>
    public long Delta { get; private set; }
    /// <summary>The value before.</summary>
    public long Before { get; private set; }
    /// <summary>The value after.</summary>
    public long After { get; private set; }
    /// <summary>When the change was made (UTC).</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary>Creates the entry of a change from one value to another.</summary>
    public static LedgerEntry Of(long uid, string key, LedgerKind kind, long before, long after, DateTimeOffset at) =>
        new() { Uid = uid, Key = key, Kind = kind, Delta = after - before, Before = before, After = after, At = at };

    /// <summary>Creates the entry of a kami delivered to its buyer.</summary>
    public static LedgerEntry OfKami(long uid, string key, DateTimeOffset at) => Of(uid, key, LedgerKind.Kami, 0, 1, at);
}
