namespace PayRecharge.Application.Settings;

/// <summary>The settings as an admin reads them: of secrets only whether they are set.</summary>
public sealed class SettingsView
{
    /// <summary>Rises with every change; send it back to have a change refused when another came between.</summary>
    public long Version { get; set; }
    /// <summary><c>Live</c> or <c>Sandbox</c>; fixed.</summary>
    public string Mode { get; set; } = "";
    /// <summary>Whether the legacy endpoint answers at all.</summary>
    public bool PluginEnabled { get; set; }
    /// <summary>Whether orders may be made.</summary>
    public bool GatewayEnabled { get; set; }
    /// <summary>The code of the gateway that new orders go to.</summary>
    public string? Gateway { get; set; }
    /// <summary>The merchant new orders go to.</summary>
    public string? MerchantId { get; set; }
    /// <summary>Whether a merchant key is set.</summary>
    public bool MerchantKeySet { get; set; }
    /// <summary>The number of the merchant key in use, which new orders are made under.</summary>
    public int? MerchantKeyNumber { get; set; }
    /// <summary>Keys that were replaced and still verify the orders made before.</summary>
    public List<RetiredKeyView> RetiredKeys { get; set; } = [];
    /// <summary>Whether a transport key is set.</summary>
    public bool TransportKeySet { get; set; }
    /// <summary>Where the gateway reaches this server, without the path.</summary>
    public string? NotifyBaseUrl { get; set; }
    /// <summary>Credits per yuan of the types 1–8; 0: not for sale.</summary>
    public List<decimal> CreditRatios { get; set; } = [];
    /// <summary>Seconds of card time per yuan; 0: not for sale.</summary>
    public decimal TimeRatio { get; set; }
    /// <summary>The credit type (1–8) that a kami's credits have.</summary>
    public int SoftCreditType { get; set; }
    /// <summary>The credit type (1–8) that a kami's trade credits have.</summary>
    public int TradeCreditType { get; set; }
    /// <summary>The smallest order in fen.</summary>
    public long MinimumFen { get; set; }
    /// <summary>The largest order in fen.</summary>
    public long MaximumFen { get; set; }
    /// <summary>Legacy actions that are closed, by name.</summary>
    public List<string> ClosedActions { get; set; } = [];
    /// <summary>Addresses or networks (CIDR) that get no answer.</summary>
    public List<string> BarredAddresses { get; set; } = [];
    /// <summary>How bytes of legacy requests become text: <c>Auto</c>, <c>Utf8</c> or <c>Gbk</c>.</summary>
    public ClientCharset Charset { get; set; }
    /// <summary>The site's time zone (IANA).</summary>
    public string TimeZone { get; set; } = "";
    /// <summary>For how many days orders that were closed unpaid are kept; 0: for ever.</summary>
    public int UnpaidOrderDays { get; set; }

    // By hand: AutoMapper maps aggregates, and on this runtime cannot take a record as its source.
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

/// <summary>A merchant key that was replaced, as an admin sees it: never the key itself.</summary>
public sealed class RetiredKeyView
{
    /// <summary>The code of the gateway it is of.</summary>
    public string Gateway { get; set; } = "";
    /// <summary>The merchant it is of.</summary>
    public string MerchantId { get; set; } = "";
    /// <summary>Its number.</summary>
    public int Number { get; set; }
    /// <summary>When it was replaced (UTC); it verifies for 30 days from then on.</summary>
    public DateTimeOffset RetiredAt { get; set; }
}
