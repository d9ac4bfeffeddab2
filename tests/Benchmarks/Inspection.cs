using MySqlConnector;

namespace PayRecharge.Benchmarks;

/// <summary>A run in which every body was read. Allocated bytes are per request and measured for the product only.</summary>
internal sealed record Inspected(Sample Sample, double Allocated);

/// <summary>A separate pass for checks that would disturb a measurement: bodies, allocations and database traffic.</summary>
internal static class Inspection
{
    public static async Task<List<Inspected>> RunAsync(Site site, Rounds rounds, Options options, IReadOnlyList<Call> calls)
    {
        await using var relay = site.MariaDb is { } mariaDb ? new Relay(mariaDb.Port) : null;
        await site.RestartAsync(relay is null ? site.ConnectionString : new MySqlConnectionStringBuilder(site.ConnectionString) { Port = relay.Port }.ConnectionString);
        using var allocations = new Allocations(site.Product.Id);
        var inspected = new List<Inspected>();
        foreach (var call in calls)
        {
            foreach (var variant in call.Variants.Where(v => !v.ChangesNothing && v.RunsOn(site, 64)))
            {
                if (options.Seconds > 1) await rounds.RunAsync(call, variant, 64, 0, options.Seconds - 1);
                var (sample, allocated) = variant.Server == Server.Product ? await allocations.DuringAsync(InspectAsync) : (await InspectAsync(), 0);
                inspected.Add(new Inspected(sample, allocated / sample.Load.Completed));

                Task<Sample> InspectAsync() => rounds.RunAsync(call, variant, 64, 0, options.Seconds, relay, variant.Mark ?? call.Mark);
            }
        }
        return inspected;
    }
}
