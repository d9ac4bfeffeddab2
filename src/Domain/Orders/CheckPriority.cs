namespace PayRecharge.Domain.Orders;

/// <summary>Which of the orders that are due a gateway is asked about first, and how often what failed is tried again.</summary>
public static class CheckPriority
{
    /// <summary>How far each open order that its buyer had before puts an order back; those of its address weigh a tenth.</summary>
    public static TimeSpan PerTurn => TimeSpan.FromSeconds(10);

    /// <summary>The turn of an order that has no payment code: nobody can pay it, so it comes after all others.</summary>
    public static int LastTurn => 360;

    /// <summary>How far an order is put forward if its buyer's client asked about it: the buyer may just have paid.</summary>
    public static TimeSpan PerNudge => TimeSpan.FromSeconds(30);

    /// <summary>The least time between two questions about an order whose buyer's client keeps asking.</summary>
    public static TimeSpan NudgeEvery => TimeSpan.FromSeconds(20);

    /// <summary>How long after a failed delivery the next is tried. It goes on until one succeeds: the money is there.</summary>
    public static TimeSpan RedeliverEvery => TimeSpan.FromHours(1);
}
