namespace PayRecharge.Domain.Accounts;

/// <summary>A buyer: eight types of credits, card time and a number of devices. Changes of these return ledger entries.</summary>
public sealed class UserAccount
{
    /// <summary>The highest credit type.</summary>
    public const int CreditTypes = 8;

    /// <summary>The maximum of a balance or expiry: the forum's columns and the clients use signed 32-bit integers.</summary>
    public const long MaximumBalance = int.MaxValue;

    private UserAccount() { }

    /// <summary>The user id.</summary>
    public long Uid { get; private set; }
    /// <summary>The name as the user wrote it.</summary>
    public string UserName { get; private set; } = "";
    /// <summary>The name in the form that is compared (<see cref="Fold"/>); unique.</summary>
    public string UserNameKey { get; private set; } = "";
    /// <summary>The e-mail as the user wrote it.</summary>
    public string? Email { get; private set; }
    /// <summary>The e-mail in the form that is compared (<see cref="Fold"/>); unique.</summary>
    public string? EmailKey { get; private set; }
    /// <summary>Whether the account may order. A disabled account still receives goods that it has paid for.</summary>
    public bool Enabled { get; private set; }
    /// <summary>When card time ends, in unix seconds; 0 is permanent.</summary>
    public long CardTimeExpiry { get; private set; }
    /// <summary>How many devices may use the account at the same time.</summary>
    public long Devices { get; private set; }
    /// <summary>Credits of type 1.</summary>
    public long Credits1 { get; private set; }
    /// <summary>Credits of type 2.</summary>
    public long Credits2 { get; private set; }
    /// <summary>Credits of type 3.</summary>
    public long Credits3 { get; private set; }
    /// <summary>Credits of type 4.</summary>
    public long Credits4 { get; private set; }
    /// <summary>Credits of type 5.</summary>
    public long Credits5 { get; private set; }
    /// <summary>Credits of type 6.</summary>
    public long Credits6 { get; private set; }
    /// <summary>Credits of type 7.</summary>
    public long Credits7 { get; private set; }
    /// <summary>Credits of type 8.</summary>
    public long Credits8 { get; private set; }
    /// <summary>When the account was created (UTC).</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Whether card time never ends.</summary>
    public bool IsPermanent => CardTimeExpiry == 0;

    /// <summary>Whether a number is a credit type (1–8).</summary>
    public static bool IsCreditType(int creditType) => creditType is >= 1 and <= CreditTypes;

    /// <summary>Converts a name or e-mail to the form that is compared: case is ignored, in the same way on every database.</summary>
    public static string Fold(string text) => text.ToUpperInvariant();

    /// <summary>Creates an account with zero balances. Its card time ends now, unless it is permanent.</summary>
    /// <param name="uid">The user id; 0: the database assigns one.</param>
    /// <param name="userName">The name.</param>
    /// <param name="email">The e-mail, if any.</param>
    /// <param name="permanent">Whether card time never ends.</param>
    /// <param name="now">The time (UTC).</param>
    public static UserAccount Create(long uid, string userName, string? email, bool permanent, DateTimeOffset now) => new()
    {
        Uid = uid,
        UserName = userName.Trim(),
        UserNameKey = Fold(userName.Trim()),
        Email = email?.Trim(),
        EmailKey = email is null ? null : Fold(email.Trim()),
        Enabled = true,
        CardTimeExpiry = permanent ? 0 : now.ToUnixTimeSeconds(),
        CreatedAt = now,
    };

    /// <summary>Creates the first card-time entry. Call it once, after the account has its id and its opening balances.</summary>
    public LedgerEntry OpeningEntry() =>
        LedgerEntry.Of(Uid, LedgerKeys.Opening(Uid), LedgerKind.CardTime, 0, CardTimeExpiry, CreatedAt);

    /// <summary>The balance of a credit type 1–8.</summary>
    public long CreditsOf(int creditType) => ValueOf((LedgerKind)creditType);

    /// <summary>Checks whether <see cref="Apply"/> would accept a change.</summary>
    /// <returns>Null if it would; otherwise <see cref="Refusal.AccountPermanent"/> or <see cref="Refusal.AmountInvalid"/>.</returns>
    public Refusal? WhyNot(Grant grant, DateTimeOffset now)
    {
        if (IsPermanent && grant.Amounts.ContainsKey(LedgerKind.CardTime)) return Refusal.AccountPermanent;
        return grant.Amounts.Any(a => !IsInRange(a.Key, After(a.Key, a.Value, now))) ? Refusal.AmountInvalid : null;
    }

    /// <summary>Applies a change, completely or not at all.</summary>
    /// <returns>One entry per kind that changes.</returns>
    /// <exception cref="RefusedException"><see cref="Refusal.AccountPermanent"/>: card time for a permanent account;
    /// <see cref="Refusal.AmountInvalid"/>: a balance would leave 0…2³¹−1, or an expiry 1…2³¹−1.</exception>
    public IReadOnlyList<LedgerEntry> Apply(Grant grant, string key, DateTimeOffset now)
    {
        if (WhyNot(grant, now) is { } refusal) throw new RefusedException(refusal);
        return [.. grant.Amounts.Select(a => Set(a.Key, After(a.Key, a.Value, now), key, now))];
    }

    /// <summary>Takes back a grant, as far as it is still there. Elapsed card time is gone.</summary>
    /// <returns>One entry per kind that changes, and the part that could not be taken back.</returns>
    public (IReadOnlyList<LedgerEntry> Entries, Grant Missing) TakeBack(Grant given, string key, DateTimeOffset now)
    {
        var (entries, missing) = (new List<LedgerEntry>(), Grant.Nothing);
        foreach (var (kind, amount) in given.Amounts.Where(a => a.Value > 0))
        {
            var there = kind != LedgerKind.CardTime ? ValueOf(kind) : IsPermanent ? 0 : Math.Max(0, CardTimeExpiry - now.ToUnixTimeSeconds());
            var taken = Math.Min(amount, there);
            if (taken > 0) entries.Add(Set(kind, ValueOf(kind) - taken, key, now));
            missing = missing.And(Grant.Of(kind, amount - taken));
        }
        return (entries, missing);
    }

    /// <summary>Sets the card-time expiry directly, for admins. Only this makes an existing account permanent or not.</summary>
    /// <param name="expiry">Unix seconds; 0 is permanent.</param>
    /// <param name="key">The ledger key of the admin's change.</param>
    /// <param name="now">The time (UTC).</param>
    public LedgerEntry SetCardTimeExpiry(long expiry, string key, DateTimeOffset now) =>
        expiry is < 0 or > MaximumBalance
            ? throw new RefusedException(Refusal.AmountInvalid)
            : Set(LedgerKind.CardTime, expiry, key, now);

    /// <summary>Enables or disables ordering.</summary>
    public void SetEnabled(bool enabled) => Enabled = enabled;

    // An expiry must not reach 0 by subtraction: 0 means "permanent", not "ended long ago".
    private static bool IsInRange(LedgerKind kind, long value) => value >= (kind == LedgerKind.CardTime ? 1 : 0) && value <= MaximumBalance;

    private long After(LedgerKind kind, long amount, DateTimeOffset now) =>
        (kind == LedgerKind.CardTime && amount > 0 ? Math.Max(now.ToUnixTimeSeconds(), CardTimeExpiry) : ValueOf(kind)) + amount;

    private LedgerEntry Set(LedgerKind kind, long after, string key, DateTimeOffset now)
    {
        var before = ValueOf(kind);
        _ = kind switch
        {
            LedgerKind.Credits1 => Credits1 = after,
            LedgerKind.Credits2 => Credits2 = after,
            LedgerKind.Credits3 => Credits3 = after,
            LedgerKind.Credits4 => Credits4 = after,
            LedgerKind.Credits5 => Credits5 = after,
            LedgerKind.Credits6 => Credits6 = after,
            LedgerKind.Credits7 => Credits7 = after,
            LedgerKind.Credits8 => Credits8 = after,
            LedgerKind.CardTime => CardTimeExpiry = after,
            LedgerKind.Devices => Devices = after,
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        return LedgerEntry.Of(Uid, key, kind, before, after, now);
    }

    private long ValueOf(LedgerKind kind) => kind switch
    {
        LedgerKind.Credits1 => Credits1,
        LedgerKind.Credits2 => Credits2,
        LedgerKind.Credits3 => Credits3,
        LedgerKind.Credits4 => Credits4,
        LedgerKind.Credits5 => Credits5,
        LedgerKind.Credits6 => Credits6,
        LedgerKind.Credits7 => Credits7,
        LedgerKind.Credits8 => Credits8,
        LedgerKind.CardTime => CardTimeExpiry,
        LedgerKind.Devices => Devices,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
