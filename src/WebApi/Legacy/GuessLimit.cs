using System.Threading.RateLimiting;
using PayRecharge.Domain;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// Limits an asker's misses per minute. A look-up takes one of the asker's places. A hit frees the place immediately; a miss keeps it for
/// a minute. So concurrent guesses count like sequential ones, and askers that do not guess lose nothing.
/// </summary>
/// <param name="perMinute">The number of places per asker.</param>
/// <param name="nothing">The refusal that means a miss.</param>
/// <param name="clock">The clock.</param>
internal sealed class GuessLimit<TAsker>(int perMinute, Refusal nothing, TimeProvider clock) : IDisposable where TAsker : notnull
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<TAsker> _places = Places(new() { PermitLimit = perMinute });

    /// <summary>Runs a look-up if the asker has a place left.</summary>
    /// <param name="asker">An address or an account.</param>
    /// <param name="lookUp">The look-up; it may refuse.</param>
    /// <param name="isNothing">Whether a result counts as a miss.</param>
    /// <returns>Null if the asker has no place left; nothing was looked up.</returns>
    public async Task<T?> LookUpAsync<T>(TAsker asker, Func<Task<T?>> lookUp, Predicate<T?>? isNothing = null) where T : class
    {
        var place = _places.AttemptAcquire(asker);
        if (!place.IsAcquired) return null;
        try
        {
            var found = await lookUp();
            if (isNothing?.Invoke(found) == true) _ = GiveBackLaterAsync(place);
            else place.Dispose();
            return found;
        }
        catch (Exception exception)
        {
            if (exception is RefusedException { Refusal: var refusal } && refusal == nothing) _ = GiveBackLaterAsync(place);
            else place.Dispose();
            throw;
        }
    }

    public void Dispose() => _places.Dispose();

    private static PartitionedRateLimiter<TAsker> Places(ConcurrencyLimiterOptions options) =>
        PartitionedRateLimiter.Create<TAsker, TAsker>(asker => RateLimitPartition.GetConcurrencyLimiter(asker, _ => options));

    private async Task GiveBackLaterAsync(RateLimitLease place)
    {
        await Task.Delay(Window, clock);
        place.Dispose();
    }
}
