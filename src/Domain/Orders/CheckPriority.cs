namespace PayRecharge.Domain.Orders;

/// <summary>The order in which due orders are checked at their gateway, and the interval of retries after a failed delivery.</summary>
public static class CheckPriority
{
    /// <summary>The delay of an order for each earlier open order of its buyer. Each order of its address counts a tenth.</summary>
    public static TimeSpan PerTurn => TimeSpan.FromSeconds(10);

    /// <summary>The turn of an order without a payment code: nobody can pay it, so it comes last.</summary>
    public static int LastTurn => 360;

    /// <summary>How far an order moves forward if its buyer's client polls: the buyer may just have paid.</summary>
    public static TimeSpan PerNudge => TimeSpan.FromSeconds(30);

    /// <summary>The minimum time between two checks of an order whose buyer's client keeps polling.</summary>
    public static TimeSpan NudgeEvery => TimeSpan.FromSeconds(20);

    /// <summary>The interval of retries after a failed delivery. They go on until one succeeds: the order is paid.</summary>
    public static TimeSpan RedeliverEvery => TimeSpan.FromHours(1);
}
