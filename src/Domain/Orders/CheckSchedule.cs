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
    public static DateTimeOffset? Next(DateTimeOffset createdAt, DateTimeOffset now)
    {
        var age = Array.Find(Ages, a => createdAt + a > now);
        return age == default ? null : createdAt + age;
    }
}
