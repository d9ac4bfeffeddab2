using System.Net;
using System.Net.Sockets;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi;

/// <summary>
/// Logs calls that were refused and work that failed, so that neither a caller nor a database that is away can fill the log. The first
/// of an address and a reason is logged at once. Its repeats are counted, and their number is logged once a minute. An IPv6 address
/// counts as its /64.
/// </summary>
internal sealed class CallLog(TimeProvider clock, ILogger<CallLog> logger) : BackgroundService
{
    /// <summary>How many pairs of address and reason are told apart in a minute. The calls beyond them are counted together.</summary>
    internal const int MostKept = 1000;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private Dictionary<(IPAddress? Caller, string Reason), long> _repeats = [];
    private long _others;

    /// <summary>Notes that a call or a connection was refused.</summary>
    /// <param name="caller">Who was refused.</param>
    /// <param name="reason">Why, never in a caller's own words.</param>
    public void Refused(IPAddress caller, string reason)
    {
        if (IsFirst(Callers.PrefixOf(caller), reason)) logger.LogInformation("A call from {Caller} was refused: {Reason}", caller, reason);
    }

    /// <summary>Notes that something failed. A database that is away fails everything the same way.</summary>
    /// <param name="what">What failed.</param>
    /// <param name="exception">How; its stack trace is logged with the first.</param>
    public void Failed(string what, Exception exception)
    {
        if (IsFirst(null, $"{what}: {exception.GetType().Name}")) logger.LogError(exception, "{What}", what);
    }

    /// <summary>Notes that something ended as it may.</summary>
    public void Warn(string what)
    {
        if (IsFirst(null, what)) logger.LogWarning("{What}", what);
    }

    /// <summary>Counts until the server stops, and then tells the rest.</summary>
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
