using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using PayRecharge.Application.Settings;

namespace PayRecharge.WebApi.Legacy;

/// <summary>Who may call, and how often. Every address has its own bucket: the transport key, which all clients share, has none.</summary>
internal sealed class CallerLimits : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> _limiter;

    /// <summary>Reads <c>RateLimit:PerSecond</c> (calls per second and address, 100) and <c>RateLimit:Burst</c> (calls at once, 1000).</summary>
    public CallerLimits(IConfiguration configuration)
    {
        var options = new TokenBucketRateLimiterOptions
        {
            TokensPerPeriod = configuration.GetValue("RateLimit:PerSecond", 100),
            TokenLimit = configuration.GetValue("RateLimit:Burst", 1000),
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        };
        _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetTokenBucketLimiter(address, _ => options));
    }

    public LegacyError? Check(IPAddress caller, RechargeSettings settings)
    {
        foreach (var barred in settings.BarredAddresses)
        {
            if (IPAddress.TryParse(barred, out var address) ? address.Equals(caller) : IPNetwork.TryParse(barred, out var network) && network.Contains(caller))
                return LegacyError.AddressBarred;
        }
        // Whoever has one IPv6 address has a whole /64 of them.
        using var lease = _limiter.AttemptAcquire(
            caller.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress([.. caller.GetAddressBytes()[..8], 0, 0, 0, 0, 0, 0, 0, 0]) : caller);
        return lease.IsAcquired ? null : LegacyError.TooManyCalls;
    }

    public void Dispose() => _limiter.Dispose();
}
