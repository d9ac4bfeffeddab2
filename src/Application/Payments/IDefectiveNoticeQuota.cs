namespace PayRecharge.Application.Payments;

/// <summary>How many defective notices an address may leave with us, before the database hears of them.</summary>
public interface IDefectiveNoticeQuota
{
    /// <summary>Takes one from an address's quota.</summary>
    /// <returns>False when it is used up for now.</returns>
    bool TryTake(string address);
}
