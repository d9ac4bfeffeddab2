namespace PayRecharge.Application;

/// <summary>
/// The time that all instances share and <see cref="TimeProvider"/> returns: the database's time, advanced by the machine's monotonic
/// clock. A machine's wall clock may be wrong or jump. (On SQLite, which one machine uses, it is that machine's clock.)
/// </summary>
public interface ISharedClock
{
    /// <summary>How far a machine's clock may be off before that is reported.</summary>
    static TimeSpan Tolerated => TimeSpan.FromMinutes(1);

    /// <summary>How far this machine's clock is ahead of the shared time; negative: behind.</summary>
    TimeSpan MachineAhead { get; }

    /// <summary>Compares with the database's clock and follows it. A large difference is logged.</summary>
    Task SynchronizeAsync(CancellationToken cancellationToken);
}
