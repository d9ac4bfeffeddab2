using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.Benchmarks;

/// <summary>A .NET process's allocations, from the runtime's own counter, which reports a few times a second.</summary>
internal sealed class Allocations : IDisposable
{
    private readonly EventPipeSession _session;
    private readonly Task _reading;
    private double _total;
    private long _tellings;

    public Allocations(int process)
    {
        var counters = new EventPipeProvider("System.Runtime", EventLevel.Informational, arguments: new Dictionary<string, string> { ["EventCounterIntervalSec"] = "0.2" });
        _session = new DiagnosticsClient(process).StartEventPipeSession(counters, requestRundown: false);
        _reading = Task.Run(Read);
    }

    /// <summary>Runs the work; returns its result and the bytes allocated meanwhile.</summary>
    public async Task<(T Done, double Bytes)> DuringAsync<T>(Func<Task<T>> work)
    {
        await ToldAsync();
        var before = Volatile.Read(ref _total);
        var done = await work();
        await ToldAsync();
        return (done, Volatile.Read(ref _total) - before);
    }

    public void Dispose()
    {
        _session.Stop();
        _reading.Wait();
        _session.Dispose();
    }

    // Two reports, because the first may already be under way.
    private Task ToldAsync()
    {
        var last = Interlocked.Read(ref _tellings);
        return Eventually.HoldsAsync(() => Task.FromResult(Interlocked.Read(ref _tellings) >= last + 2));
    }

    private void Read()
    {
        using var source = new EventPipeEventSource(_session.EventStream);
        source.Dynamic.All += counted =>
        {
            if (counted.EventName != "EventCounters") return;
            var counter = (IDictionary<string, object>)((IDictionary<string, object>)counted.PayloadValue(0))["Payload"];
            if ((string)counter["Name"] != "alloc-rate") return;
            Volatile.Write(ref _total, _total + (double)counter["Increment"]);
            Interlocked.Increment(ref _tellings);
        };
        source.Process();
    }
}
