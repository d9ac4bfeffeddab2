using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using PayRecharge.Application.Payments;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>Allows an address a burst of 20 defective notices, then one every 3 seconds.</summary>
internal sealed class DefectiveNoticeQuota : IDefectiveNoticeQuota, IDisposable
{
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetTokenBucketLimiter(address, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = 20,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(3),
            QueueLimit = 0,
        }));

    public bool TryTake(string address)
    {
        // A client with one IPv6 address has its whole /64.
        using var lease = _limiter.AttemptAcquire(
            IPAddress.TryParse(address, out var ip) && ip is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
                ? Convert.ToHexString(ip.GetAddressBytes()[..8]) : address);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
