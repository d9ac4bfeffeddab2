namespace PayRecharge.Application.Payments;

/// <summary>Limits the defective notices from an address, before they reach the database.</summary>
public interface IDefectiveNoticeQuota
{
    /// <summary>Takes one notice from an address's quota.</summary>
    /// <returns>False if the quota is used up for now.</returns>
    bool TryTake(string address);
}
