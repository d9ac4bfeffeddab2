using System.Threading.RateLimiting;
using PayRecharge.Domain;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// How many look-ups of one asker may find nothing in a minute. A look-up takes one of its asker's places; one that finds something
/// gives it back, one that finds nothing keeps it for a minute. So guesses sent all at once count as those sent in turn, and whoever
/// does not guess pays nothing.
/// </summary>
/// <param name="perMinute">How many places an asker has.</param>
/// <param name="nothing">The refusal of a look-up that finds nothing.</param>
/// <param name="clock">The clock.</param>
internal sealed class GuessLimit<TAsker>(int perMinute, Refusal nothing, TimeProvider clock) : IDisposable where TAsker : notnull
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<TAsker> _places = Places(new() { PermitLimit = perMinute });

    /// <summary>Looks something up, if its asker may.</summary>
    /// <param name="asker">Who asks.</param>
    /// <param name="lookUp">Looks it up, or refuses.</param>
    /// <param name="isNothing">Whether what was found is as good as nothing.</param>
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
