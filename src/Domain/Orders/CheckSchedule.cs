namespace PayRecharge.Domain.Orders;

/// <summary>
/// When to query the gateway about an order without a reported payment. The last query comes after the payment code has expired.
/// </summary>
public sealed class CheckSchedule
{
    private readonly TimeSpan[] _ages;

    /// <summary>Creates a schedule.</summary>
    /// <param name="ages">The ages of an order at which the gateway is queried, ascending, at most <see cref="LongestWait"/> apart.</param>
    /// <exception cref="ArgumentException">The ages do not increase, or are too far apart.</exception>
    public CheckSchedule(IEnumerable<TimeSpan> ages)
    {
        _ages = [.. ages];
        var waits = _ages.Zip([TimeSpan.Zero, .. _ages], (age, before) => age - before).ToList();
        if (waits.Count == 0 || waits.Exists(wait => wait <= TimeSpan.Zero || wait > LongestWait))
            throw new ArgumentException("The ages have to rise, by 15 minutes at most.", nameof(ages));
    }

    /// <summary>The maximum time between two queries. If a check is due later than that, a wrong clock scheduled it.</summary>
    public static TimeSpan LongestWait => TimeSpan.FromMinutes(15);

    /// <summary>The total number of queries.</summary>
    public int Count => _ages.Length;

    /// <summary>When the next query is due (UTC), or null after the last.</summary>
    /// <param name="createdAt">When the order was created (UTC).</param>
    /// <param name="now">The time (UTC). Missed queries are skipped.</param>
    public DateTimeOffset? Next(DateTimeOffset createdAt, DateTimeOffset now)
    {
        // It was created under a clock that was ahead: treat it as new.
        if (createdAt > now) createdAt = now;
        var age = Array.Find(_ages, a => createdAt + a > now);
        return age == default ? null : createdAt + age;
    }
}
