using MediatR;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;

namespace PayRecharge.Application.Payments;

/// <summary>Tries the merchant and its key on the gateway, which allows this 6 times a minute.</summary>
public sealed record TryMerchant : IRequest<MerchantTrial>;

/// <summary>The gateway knows the merchant and took its signature.</summary>
/// <param name="MerchantId">The merchant.</param>
/// <param name="Name">The name the gateway has for it.</param>
public sealed record MerchantTrial(string MerchantId, string Name);

internal sealed class TryMerchantHandler(PaymentGateways gateways, ISettingsStore store) : IRequestHandler<TryMerchant, MerchantTrial>
{
    public async Task<MerchantTrial> Handle(TryMerchant request, CancellationToken cancellationToken)
    {
        var merchant = (await store.GetAsync(cancellationToken)).Merchant ?? throw new RefusedException(Refusal.GatewayNotConfigured);
        return new MerchantTrial(merchant.Id, await gateways.Of(merchant.Gateway).ReadMerchantNameAsync(merchant, cancellationToken));
    }
}
