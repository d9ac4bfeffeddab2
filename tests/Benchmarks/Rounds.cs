namespace PayRecharge.Benchmarks;

/// <summary>
/// One run of one variant. The figures after the load are per request: processor time in microseconds (the database's is 0 for SQLite,
/// which runs in the server), MariaDB's statements, and round trips to it if they were counted.
/// </summary>
internal sealed record Sample(
    string Site, string Call, string Variant, int Connections, int Round, Load Load, double ServerCpu, double DatabaseCpu, double Statements, double Trips);

/// <summary>Runs product and ceilings in turn, round by round, so that other load on the machine affects all of them.</summary>
internal sealed class Rounds(Site site, Options options, List<Sample> samples)
{
    private static readonly int[] Connections = [1, 64];

    private readonly Dictionary<(Variant, int Connections), double> _fastest = [];
    private int _connectionsBefore;

    public async Task RunAsync(IReadOnlyList<Call> calls)
    {
        foreach (var call in calls)
            foreach (var variant in call.Variants.Where(v => v.RunsOn(site, 64)))
                await WarmUpAsync(call, variant);
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var call in calls)
            {
                foreach (var connections in Connections)
                {
                    // The first variant changes each round, because the next one finds a busier database.
                    var variants = call.Variants.Where(v => v.RunsOn(site, connections)).ToList();
                    for (var i = 0; i < variants.Count; i++) samples.Add(await RunAsync(call, variants[(i + round) % variants.Count], connections, round, options.Seconds));
                }
            }
        }
    }

    /// <summary>Runs a variant until the runtime has compiled its hot code: until a request costs hardly less than before.</summary>
    public async Task WarmUpAsync(Call call, Variant variant)
    {
        var (before, cost) = (double.MaxValue, double.MaxValue / 2);
        for (var run = 1; run <= 8 && cost < 0.9 * before; run++)
            (before, cost) = (cost, (await RunAsync(call, variant, 64, round: 0, seconds: 2)).ServerCpu);
    }

    /// <summary>Runs one variant once.</summary>
    /// <exception cref="InvalidOperationException">An answer was wrong, or the database does not match the answers.</exception>
    public async Task<Sample> RunAsync(Call call, Variant variant, int connections, int round, int seconds, Relay? relay = null, string? mark = null)
    {
        var takesOrders = call.TakesOrders && !variant.ChangesNothing;
        var once = takesOrders || variant.Server == Server.Gateway;
        // Twice the expected number; too few requests would fail the run.
        var expected = variant.Server == Server.Gateway ? 15_000 : connections == 1 ? 1_000 : 2_500;
        var count = once ? (long)(2 * Math.Max(expected, _fastest.GetValueOrDefault((variant, connections))) * seconds) : 1000;
        var first = takesOrders ? await site.Seeding.AddPendingAsync(count) : 1;
        var proof = variant.ChangesNothing ? null : call.Proof?.Invoke(site.Seeding);
        var before = proof is null ? 0 : await site.Store.NumberAsync(proof);
        var counted = await CountAsync(variant, relay);

        var load = await Wrk.RunAsync(site.AddressOf(variant.Server), call.RequestsFor(variant, site, first, count), once, connections, seconds, mark);

        // A server that has just started may need longer than a short warm-up for its first answer.
        if (load.Completed == 0 && (round > 0 || mark is not null)) throw new InvalidOperationException($"{variant.Name} answered no {call.Name} in {seconds} s.");
        var spent = (await CountAsync(variant, relay)).Zip(counted, (after, start) => (double)(after - start) / load.Completed).ToArray();
        _fastest[(variant, connections)] = load.PerSecond;
        // Requests in flight when wrk stopped, in this run and the one before, are still executed.
        if (proof is not null && await site.Store.NumberAsync(proof) - before is var done && (done < load.Completed || done > load.Completed + connections + _connectionsBefore))
            throw new InvalidOperationException($"{variant.Name} answered {load.Completed} × {call.Name}, and the database knows of {done}.");
        _connectionsBefore = connections;
        var sample = new Sample(site.Name, call.Name, variant.Name, connections, round, load, spent[0], spent[1], spent[2], spent[3]);
        Console.WriteLine(FormattableString.Invariant($"{site.Name,-8} {round} {call.Name,-10} {connections,3} {variant.Name,-14} {load.PerSecond,8:0}/s  p50 {load.P50 / 1000.0,7:0.00} ms  p99 {load.P99 / 1000.0,7:0.00} ms  cpu {sample.ServerCpu,5:0} + {sample.DatabaseCpu:0} µs"));
        return sample;
    }

    // Reading MariaDB's counter adds one statement.
    private async Task<long[]> CountAsync(Variant variant, Relay? relay) =>
    [
        ProcessFigures.Cpu(variant.Server switch { Server.Product => site.Product.Id, Server.Ceiling => site.Ceiling.Id, _ => Environment.ProcessId }),
        site.MariaDb is { } mariaDb ? ProcessFigures.Cpu(mariaDb.Id) : 0,
        site.MariaDb is null ? 0 : await site.Store.StatusAsync("Questions"),
        relay?.Trips ?? 0,
    ];
}
