namespace PayRecharge.Domain.Orders;

/// <summary>
/// When the gateway is asked about an order that nobody has told us was paid: closely while the buyer is likely to pay, seldom
/// afterwards, and once more when the payment code has run out. The gateway blocks those who ask too often.
/// </summary>
public static class CheckSchedule
{
    /// <summary>How long a payment code is good for.</summary>
    public static TimeSpan CodeLife => TimeSpan.FromHours(2);

    /// <summary>The least time between two questions about an order that its buyer's client keeps asking about.</summary>
    public static TimeSpan NudgeEvery => TimeSpan.FromSeconds(20);

    /// <summary>Nothing that is open is due later than this. A time further ahead comes from a clock that was wrong.</summary>
    public static TimeSpan LongestWait => TimeSpan.FromMinutes(15);

    /// <summary>How far each open order that its buyer had before puts an order back among those that are due; those of its address weigh a tenth.</summary>
    public static TimeSpan PerTurn => TimeSpan.FromSeconds(10);

    /// <summary>The turn of an order that has no payment code: nobody can pay it, so it waits behind all others.</summary>
    public static int LastTurn => 360;

    /// <summary>How far it is put forward when its buyer's client asked: he may just have paid.</summary>
    public static TimeSpan PerNudge => TimeSpan.FromSeconds(30);

    /// <summary>How long after a failed delivery the next is tried. It goes on until one succeeds: the money is there.</summary>
    public static TimeSpan RedeliverEvery => TimeSpan.FromHours(1);

    // A payment of the first 5 minutes is found within 50 s, a later one within 14 minutes; the last question comes after the code's end.
    private static readonly TimeSpan[] Ages =
    [
        .. Enumerable.Range(1, 7).Select(i => TimeSpan.FromSeconds(50 * i)),
        .. Enumerable.Range(1, 8).Select(i => TimeSpan.FromSeconds(350) + TimeSpan.FromMinutes(14 * i)),
        CodeLife + TimeSpan.FromSeconds(30),
    ];

    /// <summary>How many questions there are in all.</summary>
    public static int Count => Ages.Length;

    /// <summary>When the next question is due, or null when the last has been asked.</summary>
    /// <param name="createdAt">When the order was made (UTC).</param>
    /// <param name="now">The time (UTC). What was missed while nobody could ask is not made up for, the last question excepted.</param>
    /// <returns>A time at most 14 minutes away.</returns>
    public static DateTimeOffset? Next(DateTimeOffset createdAt, DateTimeOffset now)
    {
        // Made while a clock was ahead: it is new.
        if (createdAt > now) createdAt = now;
        var age = Array.Find(Ages, a => createdAt + a > now);
        return age == default ? null : createdAt + age;
    }
}
