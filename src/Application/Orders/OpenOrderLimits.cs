namespace PayRecharge.Application.Orders;

/// <summary>How many unpaid orders may be open at once. Calls at the same moment may exceed it by their number.</summary>
/// <param name="PerUser">Open orders of one buyer; 0: no limit.</param>
/// <param name="PerAddress">Open orders from one address; 0: no limit.</param>
public sealed record OpenOrderLimits(int PerUser, int PerAddress)
{
    internal static bool Forbid(int open, int limit) => limit > 0 && open >= limit;
}
