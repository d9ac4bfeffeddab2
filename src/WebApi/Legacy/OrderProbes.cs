using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Caching.Memory;
using PayRecharge.Domain;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// How many orders that do not exist an address may ask about: <c>RateLimit:UnknownOrdersPerMinute</c> (20). A look-up takes one of
/// its address's places; one that finds the order gives it back, one that finds nothing keeps it for a minute. So guesses sent all
/// at once count as those sent in turn, and buyers cost nothing.
/// <para>
/// An address without a place left is refused before the database is asked, but for orders that it made or found here in the last
/// ten minutes: other buyers behind it are served as before, and who guesses hears of no order that was not known there already. The
/// order's bucket in <see cref="CallerLimits"/> holds for those as for all. This check stands where the look-up stands, last of all:
/// a call that fails before looks nothing up.
/// </para>
/// </summary>
internal sealed class OrderProbes : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>How many orders are remembered at most. One that is forgotten costs its look-up a place for a moment, no more.</summary>
    private const int MostRemembered = 20_000;

    private readonly PartitionedRateLimiter<IPAddress> _places;
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MostRemembered });
    private readonly TimeProvider _clock;
    private readonly CallLog _log;

    /// <exception cref="InvalidOperationException">The setting is not above 0.</exception>
    public OrderProbes(IConfiguration configuration, TimeProvider clock, CallLog log)
    {
        var options = new ConcurrencyLimiterOptions { PermitLimit = CallerLimits.Positive(configuration, "RateLimit:UnknownOrdersPerMinute", 20) };
        _places = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetConcurrencyLimiter(address, _ => options));
        (_clock, _log) = (clock, log);
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

        var place = _places.AttemptAcquire(address);
        if (!place.IsAcquired)
        {
            _log.Refused(caller, "it asked about too many unknown orders");
            return null;
        }
        try
        {
            var order = await lookUp();
            Remember(caller, orderId);
            place.Dispose();
            return order;
        }
        catch (Exception exception)
        {
            if (exception is RefusedException { Refusal: Refusal.OrderUnknown }) _ = GiveBackLaterAsync(place);
            else place.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _places.Dispose();
        _known.Dispose();
    }

    private async Task GiveBackLaterAsync(RateLimitLease place)
    {
        await Task.Delay(Window, _clock);
        place.Dispose();
    }
}
