using System.Net;
using System.Threading.RateLimiting;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Settings;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// Who may call, and how often. Every address has its own bucket, and so has every order that is asked about: the transport key,
/// which all clients share, has none. A bucket that is full again is forgotten.
/// </summary>
internal sealed class CallerLimits : IDisposable
{
    /// <summary>The gateway's ids have at most 32 characters: what is longer names no order, as little as 0, which counts as missing.</summary>
    private const int LongestOrderId = 32;

    private readonly PartitionedRateLimiter<IPAddress> _addresses;
    private readonly PartitionedRateLimiter<string> _orders;

    /// <summary>
    /// Reads <c>RateLimit:PerSecond</c> (calls per second and address, 100) and <c>RateLimit:Burst</c> (calls at once, 1000), and of
    /// <c>payjs_check</c> <c>RateLimit:OrderPerSecond</c> (calls per second and order, 20) and <c>RateLimit:OrderBurst</c> (60).
    /// </summary>
    /// <exception cref="InvalidOperationException">One of them is not above 0.</exception>
    public CallerLimits(IConfiguration configuration)
    {
        _addresses = Buckets<IPAddress>(Positive(configuration, "RateLimit:PerSecond", 100), Positive(configuration, "RateLimit:Burst", 1000));
        _orders = Buckets<string>(Positive(configuration, "RateLimit:OrderPerSecond", 20), Positive(configuration, "RateLimit:OrderBurst", 60));
    }

    /// <summary>Counts a call of an address, and tells what it is refused with, if it is. It needs no parameters, so it can come before a body is read.</summary>
    public LegacyError? CheckAddress(IPAddress caller, RechargeSettings settings)
    {
        foreach (var barred in settings.BarredAddresses)
        {
            if (AddressRange.TryParse(barred, out var range) && range.Contains(caller)) return LegacyError.AddressBarred;
        }
        return Takes(_addresses, Callers.PrefixOf(caller)) ? null : LegacyError.TooManyCalls;
    }

    /// <summary>Counts a call about an order, and tells what it is refused with, if it is.</summary>
    /// <param name="orderId">The order, as sent.</param>
    public LegacyError? CheckOrder(string? orderId) =>
        orderId is null or "0" or { Length: > LongestOrderId } || Takes(_orders, orderId) ? null : LegacyError.TooManyCalls;

    public void Dispose()
    {
        _addresses.Dispose();
        _orders.Dispose();
    }

    /// <summary>
    /// Reads <c>RateLimit:OpenOrdersPerUser</c> (unpaid orders of one buyer that may be open at once, 30) and
    /// <c>RateLimit:OpenOrdersPerAddress</c> (those from one address, 300); 0: no limit.
    /// </summary>
    /// <exception cref="InvalidOperationException">One of them is below 0.</exception>
    public static OpenOrderLimits OpenOrders(IConfiguration configuration) =>
        new(NotNegative(configuration, "RateLimit:OpenOrdersPerUser", 30), NotNegative(configuration, "RateLimit:OpenOrdersPerAddress", 300));

    /// <summary>Reads a number that has to be above 0.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    internal static int Positive(IConfiguration configuration, string name, int otherwise) => configuration.GetValue(name, otherwise) is > 0 and var number
        ? number : throw new InvalidOperationException($"{name} has to be above 0.");

    private static int NotNegative(IConfiguration configuration, string name, int otherwise) => configuration.GetValue(name, otherwise) is >= 0 and var number
        ? number : throw new InvalidOperationException($"{name} has to be 0 (no limit) or above.");

    private static bool Takes<T>(PartitionedRateLimiter<T> buckets, T key)
    {
        using var lease = buckets.AttemptAcquire(key);
        return lease.IsAcquired;
    }

    private static PartitionedRateLimiter<T> Buckets<T>(int perSecond, int burst) where T : notnull
    {
        var options = new TokenBucketRateLimiterOptions
        {
            TokensPerPeriod = perSecond,
            TokenLimit = burst,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        };
        return PartitionedRateLimiter.Create<T, T>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => options));
    }
}
