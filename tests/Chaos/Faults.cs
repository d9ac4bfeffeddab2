using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;

namespace PayRecharge.Chaos;

internal enum FaultKind
{
    KillServer,
    KillDatabase,
    CutBuyers,
    CutDatabase,
    CutReplies,
    DeadGateway,
    WrongGateway,
    DropNotices,
    DelayNotices,
    RepeatNotices,
    ReorderNotices,
    ForgeNotices,
}

/// <summary>A fault: its start, its duration, and a number that varies it.</summary>
internal sealed record Fault(TimeSpan At, TimeSpan For, FaultKind Kind, uint Variant)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{At.TotalSeconds,6:0.0} s  {Kind} ({Variant % 100}) for {For.TotalSeconds:0.0} s");
}

/// <summary>All faults of a run, determined by its seed.</summary>
internal sealed class Faults(World world, ulong seed) : IDisposable
{
    private static readonly string[] ReplyModes =
        ["wrongSign", "unsigned", "otherAmount", "otherNumber", "garbage", "emptyObject", "html500", "cutConnection", "silent"];

    private static readonly string[] Calls = ["native", "check", "close", "refund"];

    private readonly Dictionary<string, int> _done = [];
    private readonly SemaphoreSlim _database = new(1);
    private readonly SemaphoreSlim[] _servers = [.. world.Wires.Select(_ => new SemaphoreSlim(1))];
    private readonly Lock _gate = new();
    private readonly JsonObject _quirks = [];

    public IReadOnlyDictionary<string, int> Done => _done;

    /// <summary>About three faults in four seconds, overlapping.</summary>
    public static IReadOnlyList<Fault> Plan(ulong seed, TimeSpan length)
    {
        var random = new PCG(2000, seed);
        var faults = new List<Fault>();
        var kinds = Enum.GetValues<FaultKind>();
        for (var at = TimeSpan.FromSeconds(2); at < length - TimeSpan.FromSeconds(3); at += TimeSpan.FromMilliseconds(200 + random.Next(2200)))
            faults.Add(new Fault(at, TimeSpan.FromMilliseconds(200 + random.Next(4000)), kinds[random.Next((uint)kinds.Length)], random.Next()));
        return faults;
    }

    /// <summary>Runs all faults and returns when they are over and repaired.</summary>
    public async Task RunAsync(TimeSpan length, CancellationToken over)
    {
        var running = new List<Task>();
        var started = TimeProvider.System.GetTimestamp();
        foreach (var fault in Plan(seed, length))
        {
            var wait = fault.At - TimeProvider.System.GetElapsedTime(started);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (over.IsCancellationRequested) break;
            running.Add(HappenAsync(fault, over));
        }
        await Task.WhenAll(running);
    }

    public void Dispose()
    {
        _database.Dispose();
        foreach (var server in _servers) server.Dispose();
    }

    private async Task HappenAsync(Fault fault, CancellationToken over)
    {
        Count(fault.Kind);
        var pause = () => Task.Delay(fault.For, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var server = (int)(fault.Variant % (uint)world.Wires.Length);
        switch (fault.Kind)
        {
            case FaultKind.KillServer:
                await _servers[server].WaitAsync(CancellationToken.None);
                await world.KillServerAsync(server);
                await pause();
                await world.StartServerAsync(server);
                _servers[server].Release();
                break;
            case FaultKind.KillDatabase:
                await _database.WaitAsync(CancellationToken.None);
                await world.KillDatabaseAsync();
                await pause();
                await world.StartDatabaseAsync();
                _database.Release();
                break;
            case FaultKind.CutBuyers:
                world.Balancer.Cut();
                break;
            case FaultKind.CutDatabase:
                world.Wires[server].Cut();
                break;
            case FaultKind.CutReplies:
                (fault.Variant % 2 == 0 ? world.Balancer : world.Wires[server]).CutReplies(1 + (int)(fault.Variant % 20));
                break;
            case FaultKind.DeadGateway:
                world.Gateway.Dead = true;
                await pause();
                world.Gateway.Dead = false;
                break;
            case FaultKind.WrongGateway:
                await BeOddAsync("replyMode", ReplyModes[fault.Variant % ReplyModes.Length], pause,
                    ("replyEndpoints", new JsonArray(Calls[fault.Variant / 16 % Calls.Length])), ("replyDelayMilliseconds", (int)(fault.Variant / 64 % 3000)));
                break;
            case FaultKind.DropNotices:
                await BeOddAsync("notifyDropPercent", 50 + (int)(fault.Variant % 51), pause);
                break;
            case FaultKind.DelayNotices:
                await BeOddAsync("notifyDelaySeconds", 1 + (int)(fault.Variant % 5), pause);
                break;
            case FaultKind.RepeatNotices:
                await BeOddAsync("notifyCopies", 2 + (int)(fault.Variant % 9), pause, ("notifyIgnoresStatus", fault.Variant % 2 == 0));
                break;
            case FaultKind.ReorderNotices:
                await BeOddAsync("notifyReorder", true, pause);
                break;
            default:
                await BeOddAsync("notifyForge", new[] { "wrongSign", "wrongAmount", "unsigned" }[fault.Variant % 3], pause);
                break;
        }
    }

    private async Task BeOddAsync(string quirk, JsonNode value, Func<System.Runtime.CompilerServices.ConfiguredTaskAwaitable> pause, params (string Name, JsonNode Value)[] more)
    {
        (string Name, JsonNode Value)[] all = [(quirk, value), .. more];
        await ChangeAsync(quirks =>
        {
            foreach (var (name, odd) in all) quirks[name] = odd;
        });
        await pause();
        await ChangeAsync(quirks =>
        {
            foreach (var (name, _) in all) quirks.Remove(name);
        });
    }

    private async Task ChangeAsync(Action<JsonObject> change)
    {
        JsonObject now;
        lock (_gate)
        {
            change(_quirks);
            now = (JsonObject)_quirks.DeepClone();
        }
        await world.Gateway.SetQuirksAsync(now);
    }

    private void Count(FaultKind kind)
    {
        lock (_gate) _done[kind.ToString()] = _done.GetValueOrDefault(kind.ToString()) + 1;
    }
}
