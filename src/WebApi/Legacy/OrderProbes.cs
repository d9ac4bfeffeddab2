using System.Net;
using Microsoft.Extensions.Caching.Memory;
using PayRecharge.Domain;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// Limits how many unknown orders an address may query: <c>RateLimit:UnknownOrdersPerMinute</c> (20), see
/// <see cref="GuessLimit{TAsker}"/>.
/// <para>
/// An address without a free place is refused before the database query, except for orders that it made or found on this instance in the
/// last ten minutes. So other buyers behind the address are still served, and an attacker learns of no order that the address did not
/// know. The order's bucket in <see cref="CallerLimits"/> still applies to those orders. This check comes last, with the look-up: a call
/// that fails earlier looks nothing up.
/// </para>
/// </summary>
internal sealed class OrderProbes : IDisposable
{
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>The most orders that are remembered. A forgotten order only takes a place during its next look-up.</summary>
    private const int MostRemembered = 20_000;

    private readonly GuessLimit<IPAddress> _guesses;
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MostRemembered });
    private readonly CallLog _log;

    /// <exception cref="InvalidOperationException">The setting is not above 0.</exception>
    public OrderProbes(IConfiguration configuration, TimeProvider clock, CallLog log)
    {
        _guesses = new(CallerLimits.Positive(configuration, "RateLimit:UnknownOrdersPerMinute", 20), Refusal.OrderUnknown, clock);
        _log = log;
    }

    /// <summary>Records that an address knows an order.</summary>
    public void Remember(IPAddress caller, string orderId) => _known.Set(
        (Callers.PrefixOf(caller), orderId), true, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Memory });

    /// <summary>Looks up an order, unless the limit is reached.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="orderId">The gateway's id of the order, as sent.</param>
    /// <param name="lookUp">Queries the database, and refuses with <see cref="Refusal.OrderUnknown"/>.</param>
    /// <returns>Null if the caller has queried too many unknown orders.</returns>
    public async Task<T?> LookUpAsync<T>(IPAddress caller, string orderId, Func<Task<T>> lookUp) where T : class
    {
        var address = Callers.PrefixOf(caller);
        if (_known.TryGetValue((address, orderId), out _)) return await lookUp();

        var order = await _guesses.LookUpAsync<T>(address, async () => await lookUp());
        if (order is null) _log.Refused(caller, "it asked about too many unknown orders");
        else Remember(caller, orderId);
        return order;
    }

    public void Dispose()
    {
        _guesses.Dispose();
        _known.Dispose();
    }
}
