namespace PayRecharge.Application.Orders;

/// <summary>The maximum numbers of open unpaid orders. Concurrent calls may exceed them by the number of calls.</summary>
/// <param name="PerUser">Open orders of one buyer; 0: no limit.</param>
/// <param name="PerAddress">Open orders from one address; 0: no limit.</param>
public sealed record OpenOrderLimits(int PerUser, int PerAddress)
{
    internal static bool Forbid(int open, int limit) => limit > 0 && open >= limit;
}
