using System.Net;
using PayRecharge.Domain;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// Limits how many unknown kamis an address and an account may try: <c>RateLimit:UnknownKamisPerMinute</c> (20) each, see
/// <see cref="GuessLimit{TAsker}"/>. So neither one login on many addresses nor many logins on one address guess faster.
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

    /// <summary>Redeems a kami, unless a limit is reached.</summary>
    /// <param name="caller">The caller.</param>
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
