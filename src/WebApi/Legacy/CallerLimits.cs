using System.Net;
using System.Threading.RateLimiting;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Settings;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// Limits who may call, and how often. Each address and each queried order has its own token bucket. The transport key has none, since all
/// clients share it. A full bucket is dropped.
/// </summary>
internal sealed class CallerLimits : IDisposable
{
    /// <summary>The longest order id of the gateway. A longer id names no order, and neither does 0, which counts as missing.</summary>
    private const int LongestOrderId = 32;

    private readonly PartitionedRateLimiter<IPAddress> _addresses;
    private readonly PartitionedRateLimiter<string> _orders;

    /// <summary>
    /// Reads <c>RateLimit:PerSecond</c> (calls per second and address, 100) and <c>RateLimit:Burst</c> (calls in a burst, 1000); and for
    /// <c>payjs_check</c>, <c>RateLimit:OrderPerSecond</c> (calls per second and order, 20) and <c>RateLimit:OrderBurst</c> (60).
    /// </summary>
    /// <exception cref="InvalidOperationException">A setting is not above 0.</exception>
    public CallerLimits(IConfiguration configuration)
    {
        _addresses = Buckets<IPAddress>(Positive(configuration, "RateLimit:PerSecond", 100), Positive(configuration, "RateLimit:Burst", 1000));
        _orders = Buckets<string>(Positive(configuration, "RateLimit:OrderPerSecond", 20), Positive(configuration, "RateLimit:OrderBurst", 60));
    }

    /// <summary>Counts a call of an address; returns its refusal, if any. It needs no parameters, so it can precede the body.</summary>
    public LegacyError? CheckAddress(IPAddress caller, RechargeSettings settings)
    {
        foreach (var barred in settings.BarredAddresses)
        {
            if (AddressRange.TryParse(barred, out var range) && range.Contains(caller)) return LegacyError.AddressBarred;
        }
        return Takes(_addresses, Callers.PrefixOf(caller)) ? null : LegacyError.TooManyCalls;
    }

    /// <summary>Counts a call about an order; returns its refusal, if any.</summary>
    /// <param name="orderId">The order's id, as sent.</param>
    public LegacyError? CheckOrder(string? orderId) =>
        orderId is null or "0" or { Length: > LongestOrderId } || Takes(_orders, orderId) ? null : LegacyError.TooManyCalls;

    public void Dispose()
    {
        _addresses.Dispose();
        _orders.Dispose();
    }

    /// <summary>
    /// Reads <c>RateLimit:OpenOrdersPerUser</c> (open unpaid orders of one buyer, 30) and <c>RateLimit:OpenOrdersPerAddress</c> (those
    /// from one address, 300); 0: no limit.
    /// </summary>
    /// <exception cref="InvalidOperationException">A setting is below 0.</exception>
    public static OpenOrderLimits OpenOrders(IConfiguration configuration) =>
        new(NotNegative(configuration, "RateLimit:OpenOrdersPerUser", 30), NotNegative(configuration, "RateLimit:OpenOrdersPerAddress", 300));

    /// <summary>Reads a number that must be above 0.</summary>
    /// <exception cref="InvalidOperationException">It is not above 0.</exception>
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
