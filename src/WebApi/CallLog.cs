using System.Net;
using System.Net.Sockets;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi;

/// <summary>
/// Logs refused calls and failed work. Neither a caller nor a database outage can flood the log: the first event of an address and a
/// reason is logged immediately, repeats are counted, and the count is logged once a minute. An IPv6 address counts as its /64.
/// </summary>
internal sealed class CallLog(TimeProvider clock, ILogger<CallLog> logger) : BackgroundService
{
    /// <summary>The most pairs of address and reason that are tracked per minute. Further calls are counted together.</summary>
    internal const int MostKept = 1000;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private Dictionary<(IPAddress? Caller, string Reason), long> _repeats = [];
    private long _others;

    /// <summary>Logs a refused call or connection.</summary>
    /// <param name="caller">The refused address.</param>
    /// <param name="reason">The reason, never in a caller's own words.</param>
    public void Refused(IPAddress caller, string reason)
    {
        if (IsFirst(Callers.PrefixOf(caller), reason)) logger.LogInformation("A call from {Caller} was refused: {Reason}", caller, reason);
    }

    /// <summary>Logs failed work. A database outage fails all work in the same way.</summary>
    /// <param name="what">The failed work.</param>
    /// <param name="exception">The error. Its stack trace is logged the first time.</param>
    public void Failed(string what, Exception exception)
    {
        if (IsFirst(null, $"{what}: {exception.GetType().Name}")) logger.LogError(exception, "{What}", what);
    }

    /// <summary>Logs an expected failure as a warning.</summary>
    public void Warn(string what)
    {
        if (IsFirst(null, what)) logger.LogWarning("{What}", what);
    }

    /// <summary>Logs the counts every minute, and the last ones at shutdown.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) TellRepeats();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            TellRepeats();
        }
    }

    private bool IsFirst(IPAddress? caller, string reason)
    {
        lock (_gate)
        {
            if (_repeats.TryGetValue((caller, reason), out var count))
            {
                _repeats[(caller, reason)] = count + 1;
                return false;
            }
            if (_repeats.Count >= MostKept)
            {
                _others++;
                return false;
            }
            _repeats.Add((caller, reason), 0);
            return true;
        }
    }

    private void TellRepeats()
    {
        Dictionary<(IPAddress? Caller, string Reason), long> repeats;
        long others;
        lock (_gate)
        {
            (repeats, others) = (_repeats, _others);
            (_repeats, _others) = ([], 0);
        }
        foreach (var ((caller, reason), count) in repeats)
        {
            if (count == 0) continue;
            if (caller is null)
                logger.LogWarning("{Count} more times within a minute: {What}", count, reason);
            else
                logger.LogInformation("{Count} more calls from {Caller} were refused within a minute: {Reason}", count, NameOf(caller), reason);
        }
        if (others > 0) logger.LogWarning("{Count} more calls from other addresses were refused or failed within a minute", others);
    }

    private static string NameOf(IPAddress prefix) => prefix.AddressFamily == AddressFamily.InterNetworkV6 ? $"{prefix}/64" : prefix.ToString();
}
