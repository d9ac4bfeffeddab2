using System.Text;
using FluentValidation;
using MediatR;
using PayRecharge.Application.Payments;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Settings;

/// <summary>Changes the settings. Absent values, including secrets, stay unchanged.</summary>
public sealed record ChangeSettings : IRequest<SettingsView>, IAdminChange
{
    /// <summary>The version that the change is based on; absent: the current version.</summary>
    public long? Version { get; init; }
    /// <summary>Whether the legacy endpoint answers.</summary>
    public bool? PluginEnabled { get; init; }
    /// <summary>Whether orders may be placed.</summary>
    public bool? GatewayEnabled { get; init; }
    /// <summary>The code of the gateway for new orders. A new gateway needs its merchant and key in the same request.</summary>
    public string? Gateway { get; init; }
    /// <summary>The merchant for new orders, 1 to 16 letters or digits. A new merchant needs its key in the same request.</summary>
    public string? MerchantId { get; init; }
    /// <summary>
    /// The merchant's key: 8 to 64 characters of visible ASCII. Write-only. The previous key verifies its orders for 30 more days, unless
    /// it is revoked.
    /// </summary>
    public string? MerchantKey { get; init; }
    /// <summary>
    /// The address at which the gateway reaches this server: http or https, no user, query or fragment; empty: unknown. The gateway's
    /// path is added, and may be included. An international host name is stored in its ASCII form (<c>xn--…</c>).
    /// </summary>
    public string? NotifyBaseUrl { get; init; }
    /// <summary>The key that all legacy clients share: 6 to 128 characters of visible ASCII. Write-only.</summary>
    public string? TransportKey { get; init; }
    /// <summary>Credits per yuan of the credit types 1–8, at most 4 decimals; 0: not for sale.</summary>
    public IReadOnlyList<decimal>? CreditRatios { get; init; }
    /// <summary>Seconds of card time per yuan, at most 4 decimals; 0: not for sale.</summary>
    public decimal? TimeRatio { get; init; }
    /// <summary>The credit type (1–8) of a kami's credits.</summary>
    public int? SoftCreditType { get; init; }
    /// <summary>The credit type (1–8) of a kami's trade credits.</summary>
    public int? TradeCreditType { get; init; }
    /// <summary>The minimum price of an order in fen, at least 1.</summary>
    public long? MinimumFen { get; init; }
    /// <summary>The maximum price of an order in fen, at most 1,000,000, the gateway's limit.</summary>
    public long? MaximumFen { get; init; }
    /// <summary>The names of disabled legacy actions; each must exist.</summary>
    public IReadOnlyList<string>? ClosedActions { get; init; }
    /// <summary>Blocked addresses or networks (CIDR), at most 1,000. They get no answer.</summary>
    public IReadOnlyList<string>? BarredAddresses { get; init; }
    /// <summary>How the bytes of legacy requests are decoded: <c>Auto</c>, <c>Utf8</c> or <c>Gbk</c>.</summary>
    public ClientCharset? Charset { get; init; }
    /// <summary>The site's time zone (IANA).</summary>
    public string? TimeZone { get; init; }
    /// <summary>
    /// For how many days (0–3650) closed unpaid orders are stored; 0: forever. A later payment is quarantined: its order is unknown.
    /// </summary>
    public int? UnpaidOrderDays { get; init; }

    string? IAdminChange.Subject => "settings";

    /// <summary>The type name only: a record would also print its secrets.</summary>
    public override string ToString() => nameof(ChangeSettings);
}

/// <summary>The existing legacy actions.</summary>
/// <param name="All">Their names.</param>
public sealed record ActionNames(IReadOnlyCollection<string> All);

/// <summary>The settings were changed by another request since they were read.</summary>
public sealed class SettingsConflictException() : Exception("The settings were changed by somebody else; read them again.");

internal sealed class ChangeSettingsValidator : AbstractValidator<ChangeSettings>
{
    private const long GatewayMaximumFen = 1_000_000;

    public ChangeSettingsValidator(ISettingsStore store, ActionNames actions, PaymentGateways gateways)
    {
        RuleFor(c => c.Gateway).Must(code => gateways.Codes.Contains(code)).When(c => c.Gateway is not null)
            .WithMessage($"One of: {string.Join(", ", gateways.Codes)}.");
        RuleFor(c => c.Gateway)
            .MustAsync(async (change, code, cancel) => code is null || change is { MerchantId: not null, MerchantKey: not null }
                || code == ((await store.ReadAsync(cancel)).Merchant?.Gateway ?? code))
            .WithMessage("Another gateway needs its merchant and key in the same change.");
        RuleFor(c => c.MerchantId).Matches("^[A-Za-z0-9]{1,16}\\z").When(c => c.MerchantId is not null)
            .WithMessage("A merchant number has 1 to 16 letters or digits.");
        RuleFor(c => c.MerchantKey).Matches("^[\\x21-\\x7E]{8,64}\\z").When(c => c.MerchantKey is not null)
            .WithMessage("A merchant key has 8 to 64 characters of visible ASCII, without blanks.");
        RuleFor(c => c.MerchantKey)
            .MustAsync(async (change, key, cancel) => key is not null || change.MerchantId is null
                || change.MerchantId == (await store.ReadAsync(cancel)).Merchant?.Id)
            .WithMessage("Another merchant needs its key in the same change.");
        RuleFor(c => c.MerchantId)
            .MustAsync(async (change, id, cancel) => id is not null || change.MerchantKey is null
                || (await store.ReadAsync(cancel)).Merchant is not null)
            .WithMessage("A merchant key needs the merchant it belongs to.");
        RuleFor(c => c.TransportKey).Matches("^[\\x21-\\x7E]{6,128}\\z").When(c => c.TransportKey is not null)
            .WithMessage("A transport key has 6 to 128 characters of visible ASCII, without blanks.");
        RuleFor(c => c.NotifyBaseUrl).Must(url => NotifyBase.TryRead(url!, gateways.Codes, out _)).When(c => c.NotifyBaseUrl is not null)
            .WithMessage("An http or https address of at most 200 characters without user, query or fragment, such as https://pay.example.com.");
        RuleFor(c => c.CreditRatios).Must(r => r!.Count == UserAccount.CreditTypes).When(c => c.CreditRatios is not null)
            .WithMessage("Eight ratios, one for each credit type.");
        RuleForEach(c => c.CreditRatios).InclusiveBetween(0, 1_000_000).PrecisionScale(11, 4, true)
            .WithMessage("A ratio is a number from 0 to 1,000,000 with at most 4 decimals.");
        RuleFor(c => c.TimeRatio).InclusiveBetween(0, 100_000_000).PrecisionScale(13, 4, true)
            .WithMessage("A number from 0 to 100,000,000 with at most 4 decimals.");
        RuleFor(c => c.SoftCreditType).InclusiveBetween(1, UserAccount.CreditTypes);
        RuleFor(c => c.TradeCreditType).InclusiveBetween(1, UserAccount.CreditTypes);
        RuleFor(c => c.MinimumFen).InclusiveBetween(1, GatewayMaximumFen);
        RuleFor(c => c.MaximumFen).InclusiveBetween(1, GatewayMaximumFen);
        RuleFor(c => c.MinimumFen)
            .MustAsync(async (change, _, cancel) => await store.ReadAsync(cancel) is var current
                && (change.MinimumFen ?? current.MinimumFen) <= (change.MaximumFen ?? current.MaximumFen))
            .WithMessage("The smallest order must not be larger than the largest.");
        RuleForEach(c => c.ClosedActions).Must(actions.All.Contains).WithMessage($"One of: {string.Join(", ", actions.All.Order(StringComparer.Ordinal))}.");
        RuleFor(c => c.BarredAddresses).Must(a => a!.Count <= 1000).When(c => c.BarredAddresses is not null).WithMessage("At most 1,000 addresses or networks.");
        RuleForEach(c => c.BarredAddresses).Must(a => a is not null && AddressRange.TryParse(a, out _))
            .WithMessage("An address or a network such as 203.0.113.0/24.");
        RuleFor(c => c.Charset).IsInEnum().WithMessage("Auto, Utf8 or Gbk.");
        RuleFor(c => c.TimeZone).Must(z => TimeZoneInfo.TryFindSystemTimeZoneById(z!, out _)).When(c => c.TimeZone is not null)
            .WithMessage("A time zone such as Asia/Shanghai.");
        RuleFor(c => c.UnpaidOrderDays).InclusiveBetween(0, 3650);
    }
}

/// <summary>Parses the notify address.</summary>
internal static class NotifyBase
{
    private const int Longest = 200;

    /// <summary>Parses an address into its stored form: as sent over the wire, without the gateway's path.</summary>
    /// <param name="text">The address as the owner wrote it.</param>
    /// <param name="gateways">The codes of the gateways, whose paths the text may include.</param>
    /// <param name="address">The stored form; null if the text is empty.</param>
    /// <returns>False if the gateway could not call the address.</returns>
    public static bool TryRead(string text, IEnumerable<string> gateways, out string? address)
    {
        address = null;
        var written = text.Trim();
        if (written.Length == 0) return true;
        if (!Uri.TryCreate(written, UriKind.Absolute, out var uri) || uri is not { Scheme: "http" or "https", UserInfo: "" } || written.AsSpan().ContainsAny('?', '#')) return false;
        var path = uri.AbsolutePath.TrimEnd('/');
        if (gateways.Select(code => $"/{code}/notify").FirstOrDefault(p => path.EndsWith(p, StringComparison.OrdinalIgnoreCase)) is { } added) path = path[..^added.Length].TrimEnd('/');
        var host = uri.HostNameType == UriHostNameType.Dns ? uri.IdnHost : uri.Host;
        address = $"{uri.Scheme}://{host}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}{path}";
        return address.Length <= Longest && Ascii.IsValid(address);
    }
}

internal sealed class ChangeSettingsHandler(ISettingsStore store, PaymentGateways gateways, CurrentChange change, TimeProvider clock) : IRequestHandler<ChangeSettings, SettingsView>
{
    public async Task<SettingsView> Handle(ChangeSettings request, CancellationToken cancellationToken)
    {
        var current = await store.ReadAsync(cancellationToken);
        if (request.Version is { } basis && basis != current.Version) throw new SettingsConflictException();
        var changed = WithMerchant(current, request) with
        {
            PluginEnabled = request.PluginEnabled ?? current.PluginEnabled,
            GatewayEnabled = request.GatewayEnabled ?? current.GatewayEnabled,
            NotifyBaseUrl = request.NotifyBaseUrl is { } written && NotifyBase.TryRead(written, gateways.Codes, out var address) ? address : current.NotifyBaseUrl,
            TransportKey = request.TransportKey ?? current.TransportKey,
            CreditRatios = request.CreditRatios ?? current.CreditRatios,
            TimeRatio = request.TimeRatio ?? current.TimeRatio,
            SoftCreditType = request.SoftCreditType ?? current.SoftCreditType,
            TradeCreditType = request.TradeCreditType ?? current.TradeCreditType,
            MinimumFen = request.MinimumFen ?? current.MinimumFen,
            MaximumFen = request.MaximumFen ?? current.MaximumFen,
            ClosedActions = request.ClosedActions?.Distinct(StringComparer.Ordinal).ToList() ?? current.ClosedActions,
            BarredAddresses = request.BarredAddresses is { } barred ? [.. barred.Select(AddressRange.Normalise)] : current.BarredAddresses,
            Charset = request.Charset ?? current.Charset,
            TimeZone = request.TimeZone ?? current.TimeZone,
            UnpaidOrderDays = request.UnpaidOrderDays ?? current.UnpaidOrderDays,
        };
        if (!await store.TrySaveAsync(current, changed, change, cancellationToken)) throw new SettingsConflictException();
        return SettingsView.Of(await store.GetAsync(cancellationToken));
    }

    private RechargeSettings WithMerchant(RechargeSettings current, ChangeSettings request)
    {
        var gateway = request.Gateway ?? current.Merchant?.Gateway ?? gateways.Codes.First();
        var next = new Merchant(gateway, request.MerchantId ?? current.Merchant?.Id ?? "", request.MerchantKey ?? current.Merchant?.Key ?? "");
        if (next.Id.Length == 0 || next.IsSameKeyAs(current.Merchant)) return current;
        var now = clock.GetUtcNow();
        var retired = current.RetiredMerchants.Where(m => m.RetiredAt + RechargeSettings.RetiredKeyLife > now);
        return current with
        {
            Merchant = next with { Number = (current.Merchant?.Number ?? 0) + 1 },
            RetiredMerchants = current.Merchant is null ? [.. retired] : [.. retired, current.Merchant with { RetiredAt = now }],
        };
    }
}
