namespace PayRecharge.Application.Settings;

/// <summary>The settings. Of secrets, only whether they are set.</summary>
public sealed class SettingsView
{
    /// <summary>Increases with every change. Send it with a change: the change is refused if another one came first.</summary>
    public long Version { get; set; }
    /// <summary><c>Live</c> or <c>Sandbox</c>; it never changes.</summary>
    public string Mode { get; set; } = "";
    /// <summary>Whether the legacy endpoint answers.</summary>
    public bool PluginEnabled { get; set; }
    /// <summary>Whether orders may be placed.</summary>
    public bool GatewayEnabled { get; set; }
    /// <summary>The code of the gateway for new orders.</summary>
    public string? Gateway { get; set; }
    /// <summary>The merchant for new orders.</summary>
    public string? MerchantId { get; set; }
    /// <summary>Whether a merchant key is set.</summary>
    public bool MerchantKeySet { get; set; }
    /// <summary>The number of the current merchant key, which new orders use.</summary>
    public int? MerchantKeyNumber { get; set; }
    /// <summary>Replaced keys that still verify their earlier orders.</summary>
    public List<RetiredKeyView> RetiredKeys { get; set; } = [];
    /// <summary>Whether a transport key is set.</summary>
    public bool TransportKeySet { get; set; }
    /// <summary>The address at which the gateway reaches this server, without the path; absent: unknown.</summary>
    public string? NotifyBaseUrl { get; set; }
    /// <summary>Credits per yuan of the credit types 1–8; 0: not for sale.</summary>
    public List<decimal> CreditRatios { get; set; } = [];
    /// <summary>Seconds of card time per yuan; 0: not for sale.</summary>
    public decimal TimeRatio { get; set; }
    /// <summary>The credit type (1–8) of a kami's credits.</summary>
    public int SoftCreditType { get; set; }
    /// <summary>The credit type (1–8) of a kami's trade credits.</summary>
    public int TradeCreditType { get; set; }
    /// <summary>The minimum price of an order in fen.</summary>
    public long MinimumFen { get; set; }
    /// <summary>The maximum price of an order in fen.</summary>
    public long MaximumFen { get; set; }
    /// <summary>The names of disabled legacy actions.</summary>
    public List<string> ClosedActions { get; set; } = [];
    /// <summary>Blocked addresses or networks (CIDR). They get no answer.</summary>
    public List<string> BarredAddresses { get; set; } = [];
    /// <summary>How the bytes of legacy requests are decoded: <c>Auto</c>, <c>Utf8</c> or <c>Gbk</c>.</summary>
    public ClientCharset Charset { get; set; }
    /// <summary>The site's time zone (IANA).</summary>
    public string TimeZone { get; set; } = "";
    /// <summary>For how many days closed unpaid orders are stored; 0: forever.</summary>
    public int UnpaidOrderDays { get; set; }

    // Hand-written: AutoMapper maps aggregates, and on this runtime it cannot map from a record.
    internal static SettingsView Of(RechargeSettings settings) => new()
    {
        Version = settings.Version,
        Mode = settings.Mode.ToString(),
        PluginEnabled = settings.PluginEnabled,
        GatewayEnabled = settings.GatewayEnabled,
        Gateway = settings.Merchant?.Gateway,
        MerchantId = settings.Merchant?.Id,
        MerchantKeySet = settings.Merchant is not null,
        MerchantKeyNumber = settings.Merchant?.Number,
        RetiredKeys = [.. settings.RetiredMerchants.Select(m => new RetiredKeyView { Gateway = m.Gateway, MerchantId = m.Id, Number = m.Number, RetiredAt = m.RetiredAt!.Value })],
        TransportKeySet = settings.TransportKey.Length > 0,
        NotifyBaseUrl = settings.NotifyBaseUrl,
        CreditRatios = [.. settings.CreditRatios],
        TimeRatio = settings.TimeRatio,
        SoftCreditType = settings.SoftCreditType,
        TradeCreditType = settings.TradeCreditType,
        MinimumFen = settings.MinimumFen,
        MaximumFen = settings.MaximumFen,
        ClosedActions = [.. settings.ClosedActions],
        BarredAddresses = [.. settings.BarredAddresses],
        Charset = settings.Charset,
        TimeZone = settings.TimeZone,
        UnpaidOrderDays = settings.UnpaidOrderDays,
    };
}

/// <summary>A replaced merchant key, without the key itself.</summary>
public sealed class RetiredKeyView
{
    /// <summary>The code of the gateway.</summary>
    public string Gateway { get; set; } = "";
    /// <summary>The key's merchant.</summary>
    public string MerchantId { get; set; } = "";
    /// <summary>The key's number.</summary>
    public int Number { get; set; }
    /// <summary>When it was replaced (UTC). It verifies for 30 more days.</summary>
    public DateTimeOffset RetiredAt { get; set; }
}
