namespace PayRecharge.Domain.Accounts;

/// <summary>A change of an account: signed amounts by kind of ledger entry. Unchanged kinds are absent.</summary>
public sealed class Grant
{
    private readonly SortedDictionary<LedgerKind, long> _amounts = [];

    /// <summary>No change.</summary>
    public static Grant Nothing => new();

    /// <summary>The amounts by kind, sorted by kind.</summary>
    public IReadOnlyDictionary<LedgerKind, long> Amounts => _amounts;

    /// <summary>Credits of a type 1–8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not 1–8.</exception>
    public static Grant OfCredits(int creditType, long amount)
    {
        if (!UserAccount.IsCreditType(creditType)) throw new ArgumentOutOfRangeException(nameof(creditType));
        return Of((LedgerKind)creditType, amount);
    }

    /// <summary>Seconds of card time.</summary>
    public static Grant OfCardTime(long seconds) => Of(LedgerKind.CardTime, seconds);

    /// <summary>Devices.</summary>
    public static Grant OfDevices(long devices) => Of(LedgerKind.Devices, devices);

    /// <summary>The sum of both. Amounts of one kind add up, so a grant yields one ledger entry per kind.</summary>
    public Grant And(Grant other)
    {
        var sum = new Grant();
        foreach (var (kind, amount) in _amounts.Concat(other._amounts))
        {
            var total = sum._amounts.GetValueOrDefault(kind) + amount;
            if (total != 0) sum._amounts[kind] = total;
            else sum._amounts.Remove(kind);
        }
        return sum;
    }

    /// <summary>An amount of a kind.</summary>
    public static Grant Of(LedgerKind kind, long amount)
    {
        var grant = new Grant();
        if (amount != 0) grant._amounts[kind] = amount;
        return grant;
    }
}
