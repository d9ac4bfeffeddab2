using System.Net;
using PayRecharge.Domain;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// How many kamis that do not exist an address may try, and an account: <c>RateLimit:UnknownKamisPerMinute</c> (20) each, see
/// <see cref="GuessLimit{TAsker}"/>. Whoever has many addresses guesses no faster with one login, nor with many logins from one address.
/// </summary>
internal sealed class KamiProbes : IDisposable
{
    private readonly GuessLimit<IPAddress> _byAddress;
    private readonly GuessLimit<long> _byAccount;
    private readonly CallLog _log;

    /// <exception cref="InvalidOperationException">The setting is not above 0.</exception>
    public KamiProbes(IConfiguration configuration, TimeProvider clock, CallLog log)
    {
        var perMinute = CallerLimits.Positive(configuration, "RateLimit:UnknownKamisPerMinute", 20);
        (_byAddress, _byAccount, _log) = (new(perMinute, Refusal.KamiUnknown, clock), new(perMinute, Refusal.KamiUnknown, clock), log);
    }

    /// <summary>Tries a kami, if its caller may.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="uid">The account whose token was sent.</param>
    /// <param name="redeem">Redeems it, and refuses with <see cref="Refusal.KamiUnknown"/>.</param>
    /// <returns>Null if the caller or the account has tried too many unknown kamis.</returns>
    public async Task<T?> TryAsync<T>(IPAddress caller, long uid, Func<Task<T>> redeem) where T : class
    {
        var redeemed = await _byAddress.LookUpAsync(Callers.PrefixOf(caller), () => _byAccount.LookUpAsync<T>(uid, async () => await redeem()));
        if (redeemed is null) _log.Refused(caller, "it tried too many unknown kamis");
        return redeemed;
    }

    public void Dispose()
    {
        _byAddress.Dispose();
        _byAccount.Dispose();
    }
}
