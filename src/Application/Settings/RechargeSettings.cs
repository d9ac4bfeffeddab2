using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Settings;

/// <summary>A merchant of a gateway and its signing key.</summary>
/// <param name="Gateway">The code of the gateway.</param>
/// <param name="Id">The gateway's number of the merchant.</param>
/// <param name="Key">The shared key; a secret.</param>
/// <param name="RetiredAt">When another key replaced it (UTC); null for the current key.</param>
/// <param name="Number">The key's number. Each new key gets a higher number than all earlier ones, of any merchant.</param>
public sealed record Merchant(string Gateway, string Id, string Key, DateTimeOffset? RetiredAt = null, int Number = 0)
{
    /// <summary>How long after a key change another instance may still create orders under the old key.</summary>
    private static readonly TimeSpan ChangeSpreadsWithin = TimeSpan.FromMinutes(10);

    /// <summary>Whether both are the same key, ignoring when it was set.</summary>
    public bool IsSameKeyAs(Merchant? other) => Gateway == other?.Gateway && Id == other.Id && Key == other.Key;

    /// <summary>
    /// Whether the key's signature is valid for an order of its merchant. A retired key is valid only for orders created before its
    /// retirement: otherwise, anyone who knows it could forge payments forever.
    /// </summary>
    public bool SignsFor(Order order)
    {
        if (Gateway != order.Gateway || Id != order.MerchantId) return false;
        if (RetiredAt is not { } retiredAt) return true;
        // Numbers do not depend on a clock. Orders from before keys had numbers are compared by time.
        return order.KeyNumber > 0 ? order.KeyNumber <= Number : order.CreatedAt <= retiredAt + ChangeSpreadsWithin;
    }

    /// <summary>The gateway and the id only: a record would also print its secrets.</summary>
    public override string ToString() => $"{Gateway} {Id}";
}

/// <summary>The settings that the owner can change at run time. Their secrets never leave the server.</summary>
public sealed record RechargeSettings
{
    /// <summary>How long a replaced merchant key still verifies.</summary>
    public static readonly TimeSpan RetiredKeyLife = TimeSpan.FromDays(30);

    /// <summary>Increases with every change.</summary>
    public long Version { get; init; }
    /// <summary>The mode in which the database was set up; it never changes.</summary>
    public GatewayMode Mode { get; init; }
    /// <summary>Whether the legacy endpoint answers.</summary>
    public bool PluginEnabled { get; init; } = true;
    /// <summary>Whether orders may be placed.</summary>
    public bool GatewayEnabled { get; init; } = true;
    /// <summary>The merchant for new orders; null until set.</summary>
    public Merchant? Merchant { get; init; }
    /// <summary>Replaced merchants or keys. They are still valid for their orders, for <see cref="RetiredKeyLife"/>.</summary>
    public IReadOnlyList<Merchant> RetiredMerchants { get; init; } = [];
    /// <summary>The address at which the gateway reaches this server, without the path; null: unknown.</summary>
    public string? NotifyBaseUrl { get; init; }
    /// <summary>The key that all legacy clients share; a secret.</summary>
    public string TransportKey { get; init; } = "";
    /// <summary>Credits per yuan of the credit types 1–8, at most 4 decimals; 0: not for sale.</summary>
    public IReadOnlyList<decimal> CreditRatios { get; init; } = new decimal[UserAccount.CreditTypes];
    /// <summary>Seconds of card time per yuan, at most 4 decimals; 0: not for sale.</summary>
    public decimal TimeRatio { get; init; }
    /// <summary>The credit type (1–8) of a kami's credits.</summary>
    public int SoftCreditType { get; init; } = 2;
    /// <summary>The credit type (1–8) of a kami's trade credits.</summary>
    public int TradeCreditType { get; init; } = 3;
    /// <summary>The minimum price of an order in fen.</summary>
    public long MinimumFen { get; init; } = 1;
    /// <summary>The maximum price of an order in fen.</summary>
    public long MaximumFen { get; init; } = 1_000_000;
    /// <summary>The names of disabled legacy actions.</summary>
    public IReadOnlyList<string> ClosedActions { get; init; } = [];
    /// <summary>Blocked addresses or networks (CIDR). They get no answer.</summary>
    public IReadOnlyList<string> BarredAddresses { get; init; } = [];
    /// <summary>How the bytes of legacy requests are decoded.</summary>
    public ClientCharset Charset { get; init; } = ClientCharset.Auto;
    /// <summary>The site's time zone (IANA). Order numbers use it.</summary>
    public string TimeZone { get; init; } = "Asia/Shanghai";

    /// <summary>For how many days closed unpaid orders are stored; 0: forever.</summary>
    public int UnpaidOrderDays { get; init; } = 90;

    /// <summary>Credits per yuan of a credit type; 0 if the type is invalid or has no ratio.</summary>
    public decimal CreditRatio(int creditType) => UserAccount.IsCreditType(creditType) ? CreditRatios[creditType - 1] : 0;

    /// <summary>The merchants of a gateway whose signatures are valid at a time, the current one first.</summary>
    public IReadOnlyList<Merchant> MerchantsAt(string gateway, DateTimeOffset now) =>
        [.. Merchant?.Gateway == gateway ? new[] { Merchant } : [], .. RetiredMerchants.Where(m => m.Gateway == gateway && m.RetiredAt + RetiredKeyLife > now)];

    /// <summary>
    /// These settings, with a number for each key. Settings stored before keys had numbers have none; their keys are listed by age.
    /// </summary>
    public RechargeSettings WithKeyNumbers()
    {
        if (Merchant is null or { Number: > 0 }) return this;
        var retired = RetiredMerchants.Select((merchant, index) => merchant with { Number = index + 1 }).ToList();
        return this with { RetiredMerchants = retired, Merchant = Merchant with { Number = retired.Count + 1 } };
    }

    /// <summary>The version only: a record would also print its secrets.</summary>
    public override string ToString() => $"settings, version {Version}";
}
