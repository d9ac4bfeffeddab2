using System.Threading.RateLimiting;
using PayRecharge.Application.Payments;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>Twenty unsigned notices at once from one address, then one every 3 seconds.</summary>
internal sealed class UnsignedNoticeQuota : IUnsignedNoticeQuota, IDisposable
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
        using var lease = _limiter.AttemptAcquire(address);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
