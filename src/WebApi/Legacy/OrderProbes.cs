using System.Net;
using Microsoft.Extensions.Caching.Memory;
using PayRecharge.Domain;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// How many orders that do not exist an address may ask about: <c>RateLimit:UnknownOrdersPerMinute</c> (20), see <see cref="GuessLimit{TAsker}"/>.
/// <para>
/// An address without a place left is refused before the database is asked, but for orders that it made or found here in the last
/// ten minutes: other buyers behind it are served as before, and who guesses hears of no order that was not known there already. The
/// order's bucket in <see cref="CallerLimits"/> holds for those as for all. This check stands where the look-up stands, last of all:
/// a call that fails before looks nothing up.
/// </para>
/// </summary>
internal sealed class OrderProbes : IDisposable
{
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>How many orders are remembered at most. One that is forgotten costs its look-up a place for a moment, no more.</summary>
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

    /// <summary>Notes that an address knows an order.</summary>
    public void Remember(IPAddress caller, string orderId) => _known.Set(
        (Callers.PrefixOf(caller), orderId), true, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Memory });

    /// <summary>Looks an order up, if its caller may.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="orderId">The gateway's id of the order, as sent.</param>
    /// <param name="lookUp">Asks the database, and refuses with <see cref="Refusal.OrderUnknown"/>.</param>
    /// <returns>Null where the caller has asked about too many unknown orders.</returns>
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
