using System.Net;
using Microsoft.Extensions.Caching.Memory;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Admin;

/// <summary>
/// Locks out an address that sends wrong admin keys: one second after the fifth wrong key, twice as long after each further one, up to
/// five minutes. During a lockout no key is compared, not even the right one, and attempts do not extend it. The right key, or an hour
/// without a wrong one, resets the address. An IPv6 address counts as its /64.
/// </summary>
internal sealed class AdminLockout(TimeProvider clock) : IDisposable
{
    private const int Free = 4;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private static readonly MemoryCacheEntryOptions Remembered = new() { Size = 1, SlidingExpiration = TimeSpan.FromHours(1) };

    // Bounds the memory. Against an attacker with more addresses, the defence is the key itself, which cannot be guessed.
    private readonly MemoryCache _addresses = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    private readonly Lock _gate = new();

    private sealed record WrongKeys(int Count, long LastAt)
    {
        public TimeSpan Wait => Count <= Free ? TimeSpan.Zero
            : TimeSpan.FromSeconds(Math.Min(Longest.Ticks / TimeSpan.TicksPerSecond, 1L << Math.Min(Count - Free - 1, 30)));
    }

    /// <summary>Compares a key, unless its address is locked out.</summary>
    /// <param name="caller">The address that sent the key.</param>
    /// <param name="isRight">Compares the key.</param>
    /// <returns>Whether the key is right (false if it was not compared), and how long its address is now locked out.</returns>
    public (bool IsRight, bool WasCompared, TimeSpan Wait) Try(IPAddress caller, Func<bool> isRight)
    {
        var address = Callers.PrefixOf(caller);
        // One at a time: otherwise concurrent keys would all be compared before the first wrong one is counted.
        lock (_gate)
        {
            var wrong = _addresses.Get<WrongKeys>(address);
            if (wrong is not null && wrong.Wait - clock.GetElapsedTime(wrong.LastAt) is var left && left > TimeSpan.Zero) return (false, false, left);
            if (isRight())
            {
                if (wrong is not null) _addresses.Remove(address);
                return (true, true, TimeSpan.Zero);
            }
            wrong = new WrongKeys((wrong?.Count ?? 0) + 1, clock.GetTimestamp());
            _addresses.Set(address, wrong, Remembered);
            return (false, true, wrong.Wait);
        }
    }

    public void Dispose() => _addresses.Dispose();
}
