using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Application.Payments;

/// <summary>The payment gateways of this server.</summary>
/// <param name="all">The gateways; the first one is the default until the settings name another.</param>
public sealed class PaymentGateways(IEnumerable<IPaymentGateway> all)
{
    private readonly IReadOnlyList<IPaymentGateway> _all = [.. all];

    /// <summary>Whether the money is real. All gateways of a server agree on it.</summary>
    public GatewayMode Mode => _all[0].Mode;

    /// <summary>The codes of the gateways, the default one first.</summary>
    public IEnumerable<string> Codes => _all.Select(g => g.Code);

    /// <summary>The codes of the gateways that this instance queries about orders.</summary>
    public IEnumerable<string> Asked => _all.Where(g => g.ChecksPerSecond > 0).Select(g => g.Code);

    /// <summary>The merchant that a new sandbox starts with.</summary>
    public Merchant? SandboxMerchant => _all[0].SandboxMerchant;

    /// <summary>Returns the gateway with a code.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.GatewayNotConfigured"/>: this server has no such gateway.</exception>
    public IPaymentGateway Of(string code) =>
        _all.FirstOrDefault(g => g.Code == code) ?? throw new RefusedException(Refusal.GatewayNotConfigured, $"this server has no gateway '{code}'");
}
