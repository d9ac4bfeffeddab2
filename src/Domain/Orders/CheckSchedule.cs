namespace PayRecharge.Domain.Orders;

/// <summary>
/// When a gateway is asked about an order that nobody has reported as paid. The last question comes after the payment code has run out.
/// </summary>
public sealed class CheckSchedule
{
    private readonly TimeSpan[] _ages;

    /// <summary>Makes a schedule.</summary>
    /// <param name="ages">The ages of an order at which the gateway is asked, ascending, at most <see cref="LongestWait"/> apart.</param>
    /// <exception cref="ArgumentException">The ages do not rise, or are too far apart.</exception>
    public CheckSchedule(IEnumerable<TimeSpan> ages)
    {
        _ages = [.. ages];
        var waits = _ages.Zip([TimeSpan.Zero, .. _ages], (age, before) => age - before).ToList();
        if (waits.Count == 0 || waits.Exists(wait => wait <= TimeSpan.Zero || wait > LongestWait))
            throw new ArgumentException("The ages have to rise, by 15 minutes at most.", nameof(ages));
    }

    /// <summary>The longest time between two questions. A check that is due later was put off by a clock that was wrong.</summary>
    public static TimeSpan LongestWait => TimeSpan.FromMinutes(15);

    /// <summary>How many questions there are in all.</summary>
    public int Count => _ages.Length;

    /// <summary>When the next question is due, or null after the last.</summary>
    /// <param name="createdAt">When the order was made (UTC).</param>
    /// <param name="now">The time (UTC). Questions that were missed are not made up for, except the last.</param>
    public DateTimeOffset? Next(DateTimeOffset createdAt, DateTimeOffset now)
    {
        // Made while a clock was ahead: it is new.
        if (createdAt > now) createdAt = now;
        var age = Array.Find(_ages, a => createdAt + a > now);
        return age == default ? null : createdAt + age;
    }
}
