using System.Globalization;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.Benchmarks;

/// <summary>One run of one variant. Processor time is in microseconds a request; the database's is 0 where it is in the server.</summary>
internal sealed record Sample(string Site, string Call, string Variant, int Connections, int Round, Load Load, double ServerCpu, double DatabaseCpu);

/// <summary>Product and ceilings in turn, round by round: what the machine does meanwhile hits all of them.</summary>
internal sealed class Rounds(Site site, Options options, List<Sample> samples)
{
    private static readonly int[] Connections = [1, 64];

    private readonly Dictionary<(Variant, int Connections), double> _fastest = [];

    public async Task RunAsync(IReadOnlyList<Call> calls)
    {
        // Until the runtime has compiled what runs hot, nobody is measured.
        foreach (var call in calls)
            foreach (var variant in call.Variants.Where(v => v.RunsOn(site, 64)))
                await RunAsync(call, variant, 64, round: 0, Math.Min(4, 2 * options.Seconds));
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var call in calls)
            {
                foreach (var connections in Connections)
                {
                    // Who comes first changes, for who comes next finds the database busier.
                    var variants = call.Variants.Where(v => v.RunsOn(site, connections)).ToList();
                    for (var i = 0; i < variants.Count; i++) samples.Add(await RunAsync(call, variants[(i + round) % variants.Count], connections, round, options.Seconds));
                }
            }
        }
    }

    public async Task<Sample> RunAsync(Call call, Variant variant, int connections, int round, int seconds)
    {
        var takesOrders = call.TakesOrders && !variant.ChangesNothing;
        var once = takesOrders || variant.Server == Server.Gateway;
        // Twice what can be expected; too few would end the measurement.
        var expected = variant.Server == Server.Gateway ? 15_000 : connections == 1 ? 2_000 : 4_000;
        var count = once ? (long)(2 * Math.Max(expected, _fastest.GetValueOrDefault((variant, connections))) * seconds) : 1000;
        var first = takesOrders ? await site.Seeding.AddPendingAsync(count) : 1;
        var proof = variant.ChangesNothing ? null : call.Proof?.Invoke(site.Seeding);
        var before = proof is null ? 0 : await site.Store.NumberAsync(proof);
        var cpu = Cpu(variant);

        var load = await Wrk.RunAsync(site.AddressOf(variant.Server), call.RequestsFor(variant, site, first, count), once, connections, seconds);

        var spent = Cpu(variant);
        _fastest[(variant, connections)] = load.PerSecond;
        // What was under way when wrk stopped has been done, but not been answered.
        if (proof is not null && await WhenQuietAsync(proof) - before is var done && (done < load.Completed || done > load.Completed + connections))
            throw new InvalidOperationException($"{variant.Name} answered {load.Completed} × {call.Name}, and the database knows of {done}.");
        var sample = new Sample(site.Name, call.Name, variant.Name, connections, round, load,
            (double)(spent.Server - cpu.Server) / load.Completed, (double)(spent.Database - cpu.Database) / load.Completed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{site.Name,-8} {round} {call.Name,-10} {connections,3} {variant.Name,-14} {load.PerSecond,8:0}/s  p50 {load.P50 / 1000.0,7:0.00} ms  p99 {load.P99 / 1000.0,7:0.00} ms  cpu {sample.ServerCpu,5:0} + {sample.DatabaseCpu:0} µs"));
        return sample;
    }

    /// <summary>A number once it stands still.</summary>
    private async Task<long> WhenQuietAsync(string sql)
    {
        var last = -1L;
        await Eventually.HoldsAsync(async () => last == (last = await site.Store.NumberAsync(sql)));
        return last;
    }

    private (long Server, long Database) Cpu(Variant variant) => (
        ProcessFigures.Cpu(variant.Server switch { Server.Product => site.Product.Id, Server.Ceiling => site.Ceiling.Id, _ => Environment.ProcessId }),
        site.MariaDb is { } mariaDb ? ProcessFigures.Cpu(mariaDb.Id) : 0);
}
