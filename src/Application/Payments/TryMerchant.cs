using MediatR;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;

namespace PayRecharge.Application.Payments;

/// <summary>Tests the merchant and its key at the gateway, which allows this 6 times a minute.</summary>
public sealed record TryMerchant : IRequest<MerchantTrial>;

/// <summary>The gateway accepted the merchant and its signature.</summary>
/// <param name="MerchantId">The gateway's number of the merchant.</param>
/// <param name="Name">The merchant's name at the gateway.</param>
public sealed record MerchantTrial(string MerchantId, string Name);

internal sealed class TryMerchantHandler(PaymentGateways gateways, ISettingsStore store) : IRequestHandler<TryMerchant, MerchantTrial>
{
    public async Task<MerchantTrial> Handle(TryMerchant request, CancellationToken cancellationToken)
    {
        var merchant = (await store.GetAsync(cancellationToken)).Merchant ?? throw new RefusedException(Refusal.GatewayNotConfigured);
        return new MerchantTrial(merchant.Id, await gateways.Of(merchant.Gateway).ReadMerchantNameAsync(merchant, cancellationToken));
    }
}
