namespace PayRecharge.Domain.Accounts;

/// <summary>What an entry of the ledger counts. The numbers are stored.</summary>
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
    /// <summary>Card time: before and after are unix seconds of the expiry, 0 is permanent.</summary>
    CardTime = 9,
    /// <summary>Devices.</summary>
    Devices = 10,
    /// <summary>A kami handed to a buyer: 0 before, 1 after. It moves no balance until it is redeemed.</summary>
    Kami = 11,
}

/// <summary>
/// One change of an account, never altered. Unique by <see cref="Key"/> and <see cref="Kind"/>; within an account and kind each
/// <see cref="Before"/> is the previous <see cref="After"/>.
/// </summary>
public sealed class LedgerEntry
{
    private LedgerEntry() { }

    /// <summary>The row's id; within an account it rises with time.</summary>
    public long Id { get; private set; }
    /// <summary>The account.</summary>
    public long Uid { get; private set; }
    /// <summary>What caused the change: <c>order:ID</c>, <c>kami:ID</c>, <c>refund:ID</c> of an order, <c>open:UID</c> or <c>admin:ACT</c>.</summary>
    public string Key { get; private set; } = "";
    /// <summary>What changed.</summary>
    public LedgerKind Kind { get; private set; }
    /// <summary>By how much.</summary>
    public long Delta { get; private set; }
    /// <summary>The value before.</summary>
    public long Before { get; private set; }
    /// <summary>The value after.</summary>
    public long After { get; private set; }
    /// <summary>When (UTC).</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary>The entry for a change from one value to another.</summary>
    public static LedgerEntry Of(long uid, string key, LedgerKind kind, long before, long after, DateTimeOffset at) =>
        new() { Uid = uid, Key = key, Kind = kind, Delta = after - before, Before = before, After = after, At = at };

    /// <summary>The entry for a kami that an order's buyer got.</summary>
    public static LedgerEntry OfKami(long uid, string key, DateTimeOffset at) => Of(uid, key, LedgerKind.Kami, 0, 1, at);
}
