using System.Net;
using PayRecharge.Application.Payments;
using PayRecharge.Domain;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// Limits how many orders of an address may fail at the gateway per minute: <c>RateLimit:FailedOrdersPerMinute</c> (120), see
/// <see cref="GuessLimit{TAsker}"/>. Each failed order leaves a row behind and no longer counts as open.
/// </summary>
internal sealed class FailedOrders : IDisposable
{
    private readonly GuessLimit<IPAddress> _byAddress;
    private readonly CallLog _log;

    /// <exception cref="InvalidOperationException">The setting is not above 0.</exception>
    public FailedOrders(IConfiguration configuration, TimeProvider clock, CallLog log)
    {
        _byAddress = new(CallerLimits.Positive(configuration, "RateLimit:FailedOrdersPerMinute", 120), Refusal.GatewayFailed, clock);
        _log = log;
    }

    /// <summary>Places an order, unless the limit is reached.</summary>
    /// <returns>Null if too many orders of the caller have failed; nothing was stored.</returns>
    public async Task<PlacementOutcome?> TryAsync(IPAddress caller, Func<Task<PlacementOutcome>> place)
    {
        var outcome = await _byAddress.LookUpAsync<PlacementOutcome>(Callers.PrefixOf(caller), async () => await place(), outcome => outcome is GatewayRefusal);
        if (outcome is GatewayRefusal refusal) _log.Refused(caller, $"the gateway refused its order: {refusal.Message}");
        else if (outcome is null) _log.Refused(caller, "too many of its orders failed at the gateway");
        return outcome;
    }

    public void Dispose() => _byAddress.Dispose();
}
