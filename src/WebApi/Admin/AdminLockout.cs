using System.Net;
using Microsoft.Extensions.Caching.Memory;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Admin;

/// <summary>
/// Locks an address out that sent wrong admin keys. The fifth wrong key costs a second, each further one twice as long, up to five
/// minutes. Meanwhile no key is compared, not even the right one, but such tries do not lengthen the wait. The right key, or an hour
/// without a wrong one, makes the address new. An IPv6 address counts as its /64.
/// </summary>
internal sealed class AdminLockout(TimeProvider clock) : IDisposable
{
    private const int Free = 4;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private static readonly MemoryCacheEntryOptions Remembered = new() { Size = 1, SlidingExpiration = TimeSpan.FromHours(1) };

    // Bounds the memory. The key, which nobody can guess, is the defence against somebody with more addresses than that.
    private readonly MemoryCache _addresses = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    private readonly Lock _gate = new();

    private sealed record WrongKeys(int Count, long LastAt)
    {
        public TimeSpan Wait => Count <= Free ? TimeSpan.Zero
            : TimeSpan.FromSeconds(Math.Min(Longest.Ticks / TimeSpan.TicksPerSecond, 1L << Math.Min(Count - Free - 1, 30)));
    }

    /// <summary>Compares a key, unless its address is locked out.</summary>
    /// <param name="caller">Who sent the key.</param>
    /// <param name="isRight">Compares the key.</param>
    /// <returns>Whether the key is right, false where it was not compared; and how long its address is locked out now.</returns>
    public (bool IsRight, bool WasCompared, TimeSpan Wait) Try(IPAddress caller, Func<bool> isRight)
    {
        var address = Callers.PrefixOf(caller);
        // One at a time: otherwise many keys at once would all be compared before the first wrong one is counted.
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
