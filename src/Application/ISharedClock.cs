namespace PayRecharge.Application;

/// <summary>
/// The time that all instances share, and that <see cref="TimeProvider"/> tells: the database's, counted on by the machine's running
/// time. A machine's wall clock may be wrong or jump. (On SQLite, whose file is one machine's, it is that machine's clock.)
/// </summary>
public interface ISharedClock
{
    /// <summary>How far a machine's clock may be off before anybody is told.</summary>
    static TimeSpan Tolerated => TimeSpan.FromMinutes(1);

    /// <summary>How far this machine's clock is ahead of the shared time; negative: behind.</summary>
    TimeSpan MachineAhead { get; }

    /// <summary>Compares with the database's clock and follows it. What is far off is logged.</summary>
    Task SynchronizeAsync(CancellationToken cancellationToken);
}
