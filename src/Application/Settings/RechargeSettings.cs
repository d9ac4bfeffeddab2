using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Settings;

/// <summary>A merchant of a gateway and the key that signs for it.</summary>
/// <param name="Gateway">The code of the gateway.</param>
/// <param name="Id">The gateway's number of the merchant.</param>
/// <param name="Key">The shared key; a secret.</param>
/// <param name="RetiredAt">When another replaced it (UTC); absent for the one in use.</param>
/// <param name="Number">The key's number. Each key that is set gets a higher one than those before, whatever its merchant.</param>
public sealed record Merchant(string Gateway, string Id, string Key, DateTimeOffset? RetiredAt = null, int Number = 0)
{
    /// <summary>How long after a change of the key another instance may still have made orders under the old one.</summary>
    private static readonly TimeSpan ChangeSpreadsWithin = TimeSpan.FromMinutes(10);

    /// <summary>Whether it is the same key, whenever it was set.</summary>
    public bool IsSameKeyAs(Merchant? other) => Gateway == other?.Gateway && Id == other.Id && Key == other.Key;

    /// <summary>
    /// Whether the key's signature counts for an order of its merchant. A retired key counts for the orders made before it was
    /// retired: else somebody who knows it buys with it for ever.
    /// </summary>
    public bool SignsFor(Order order)
    {
        if (Gateway != order.Gateway || Id != order.MerchantId) return false;
        if (RetiredAt is not { } retiredAt) return true;
        // The number does not depend on anybody's clock. Orders from before there were numbers have their time alone.
        return order.KeyNumber > 0 ? order.KeyNumber <= Number : order.CreatedAt <= retiredAt + ChangeSpreadsWithin;
    }

    /// <summary>The gateway and the id alone: a record would print its secrets too.</summary>
    public override string ToString() => $"{Gateway} {Id}";
}

/// <summary>Everything the owner may set at run time. Secrets in it never leave the server.</summary>
public sealed record RechargeSettings
{
    /// <summary>How long a replaced merchant key goes on verifying.</summary>
    public static readonly TimeSpan RetiredKeyLife = TimeSpan.FromDays(30);

    /// <summary>Rises with every change.</summary>
    public long Version { get; init; }
    /// <summary>The mode the database was set up under; it never changes.</summary>
    public GatewayMode Mode { get; init; }
    /// <summary>Whether the legacy endpoint answers at all.</summary>
    public bool PluginEnabled { get; init; } = true;
    /// <summary>Whether orders may be made.</summary>
    public bool GatewayEnabled { get; init; } = true;
    /// <summary>The merchant new orders go to; absent until set.</summary>
    public Merchant? Merchant { get; init; }
    /// <summary>Merchants or keys that were replaced; orders made under them still count for <see cref="RetiredKeyLife"/>.</summary>
    public IReadOnlyList<Merchant> RetiredMerchants { get; init; } = [];
    /// <summary>Where the gateway reaches this server, without the path; absent: unknown.</summary>
    public string? NotifyBaseUrl { get; init; }
    /// <summary>The key that every legacy client shares; a secret.</summary>
    public string TransportKey { get; init; } = "";
    /// <summary>Credits per yuan of the types 1–8, at most 4 decimals; 0: not for sale.</summary>
    public IReadOnlyList<decimal> CreditRatios { get; init; } = new decimal[UserAccount.CreditTypes];
    /// <summary>Seconds of card time per yuan, at most 4 decimals; 0: not for sale.</summary>
    public decimal TimeRatio { get; init; }
    /// <summary>The credit type (1–8) that a kami's credits have.</summary>
    public int SoftCreditType { get; init; } = 2;
    /// <summary>The credit type (1–8) that a kami's trade credits have.</summary>
    public int TradeCreditType { get; init; } = 3;
    /// <summary>The smallest order in fen.</summary>
    public long MinimumFen { get; init; } = 1;
    /// <summary>The largest order in fen.</summary>
    public long MaximumFen { get; init; } = 1_000_000;
    /// <summary>Legacy actions that are closed, by name.</summary>
    public IReadOnlyList<string> ClosedActions { get; init; } = [];
    /// <summary>Addresses or networks (CIDR) that get no answer.</summary>
    public IReadOnlyList<string> BarredAddresses { get; init; } = [];
    /// <summary>How bytes of legacy requests become text.</summary>
    public ClientCharset Charset { get; init; } = ClientCharset.Auto;
    /// <summary>The site's time zone (IANA), which order numbers are made in.</summary>
    public string TimeZone { get; init; } = "Asia/Shanghai";

    /// <summary>For how many days orders that were closed unpaid are kept; 0: for ever.</summary>
    public int UnpaidOrderDays { get; init; } = 90;

    /// <summary>Credits per yuan of a type; 0 where there is no such type or no ratio.</summary>
    public decimal CreditRatio(int creditType) => UserAccount.IsCreditType(creditType) ? CreditRatios[creditType - 1] : 0;

    /// <summary>The merchants of a gateway whose signatures count at a time: the one in use first.</summary>
    public IReadOnlyList<Merchant> MerchantsAt(string gateway, DateTimeOffset now) =>
        [.. Merchant?.Gateway == gateway ? new[] { Merchant } : [], .. RetiredMerchants.Where(m => m.Gateway == gateway && m.RetiredAt + RetiredKeyLife > now)];

    /// <summary>These settings with a number for each key. Settings that were stored before keys had numbers have none; the order of the keys is their age.</summary>
    public RechargeSettings WithKeyNumbers()
    {
        if (Merchant is null or { Number: > 0 }) return this;
        var retired = RetiredMerchants.Select((merchant, index) => merchant with { Number = index + 1 }).ToList();
        return this with { RetiredMerchants = retired, Merchant = Merchant with { Number = retired.Count + 1 } };
    }

    /// <summary>The version alone: a record would print its secrets too.</summary>
    public override string ToString() => $"settings, version {Version}";
}
