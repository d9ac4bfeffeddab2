using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Internal;
using Microsoft.Extensions.Logging;
using PayRecharge.Application;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class DatabaseClock : TimeProvider, ISharedClock
{
    /// <summary>The apparent clock difference that the round trip to the database may cause.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(250);

    /// <summary>A slower query is too imprecise.</summary>
    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(2);

    private readonly IServiceScopeFactory _scopes;
    private readonly ILogger<DatabaseClock> _logger;

    // The UTC ticks at which the running time was 0.
    private long _start = System.GetUtcNow().UtcTicks - RunningTime.Ticks;
    private long _machineAhead;
    private bool _compared;

    public DatabaseClock(IServiceScopeFactory scopes, ILogger<DatabaseClock> logger) => (_scopes, _logger) = (scopes, logger);

    public TimeSpan MachineAhead => new(Volatile.Read(ref _machineAhead));

    private static TimeSpan RunningTime => Stopwatch.GetElapsedTime(0);

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _start) + RunningTime.Ticks, TimeSpan.Zero);

    public async Task SynchronizeAsync(CancellationToken cancellationToken)
    {
        var asked = Stopwatch.GetTimestamp();
        var database = await AskAsync(cancellationToken);
        var took = Stopwatch.GetElapsedTime(asked);
        if (database is not null && took > LongestQuestion && _compared) return;
        var machine = System.GetUtcNow();
        var right = database is { } answered ? answered + took / 2 : machine;
        Follow(right - GetUtcNow(), database is null ? TimeSpan.Zero : Slack);
        Compare(database is null ? TimeSpan.Zero : machine - right);
        _compared = true;
    }

    private async Task<DateTimeOffset?> AskAsync(CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RechargeDbContext>();
        if (db.Database.IsSqlite()) return null;
        // UTC has no hour that occurs twice a year.
        var microseconds = (await db.Database.SqlQueryRaw<long>("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) AS Value").ToListAsync(cancellationToken)).Single();
        return DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(microseconds);
    }

    private void Follow(TimeSpan off, TimeSpan slack)
    {
        if (off.Duration() <= slack) return;
        Interlocked.Add(ref _start, off.Ticks);
        if (_compared && off.Duration() > ISharedClock.Tolerated)
            _logger.LogWarning("The clock that this server goes by was set by {Seconds:+0;-0} s. What was put off under a wrong time is done now.", (long)off.TotalSeconds);
    }

    private void Compare(TimeSpan ahead)
    {
        var (isOff, wasOff) = (ahead.Duration() > ISharedClock.Tolerated, MachineAhead.Duration() > ISharedClock.Tolerated);
        Volatile.Write(ref _machineAhead, ahead.Ticks);
        if (isOff && !wasOff)
        {
            _logger.LogWarning("This machine's clock is {Seconds} s {Direction} the database's. The server goes by the database's clock. Find out which is wrong and set it right (timedatectl set-ntp true)",
                (long)ahead.Duration().TotalSeconds, ahead > TimeSpan.Zero ? "ahead of" : "behind");
        }
        else if (wasOff && !isOff)
        {
            _logger.LogInformation("This machine's clock agrees with the database's again");
        }
    }
}

/// <summary>The clock of caches: if a wall clock were set back, their entries would live that much longer.</summary>
internal sealed class RunningClock : ISystemClock
{
    public DateTimeOffset UtcNow => DateTimeOffset.UnixEpoch + Stopwatch.GetElapsedTime(0);
}
