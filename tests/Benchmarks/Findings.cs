namespace PayRecharge.Benchmarks;

internal sealed class Results
{
    public List<Sample> Samples { get; } = [];

    public List<Inspected> Inspected { get; } = [];

    /// <summary>By database, in seconds.</summary>
    public List<(string Site, double Seconds)> ColdStarts { get; } = [];

    /// <summary>The product's resident memory after the rounds and its peak, by database, in bytes.</summary>
    public List<(string Site, long Now, long Peak)> Memory { get; } = [];

    public List<WaitingFigures> Waiting { get; } = [];

    public List<Sample> Growth { get; } = [];

    public List<PureFigure> Pure { get; } = [];
}

/// <summary>A goal and the measured values.</summary>
/// <param name="Where">The database; empty if there is none.</param>
/// <param name="What">The figure that is compared.</param>
/// <param name="AtLeast">Whether more is better.</param>
/// <param name="Goal">The value to reach.</param>
/// <param name="Unit">The unit; × for a ratio.</param>
/// <param name="Values">The measured values.</param>
internal sealed record Finding(string Where, string What, bool AtLeast, double Goal, string Unit, IReadOnlyList<double> Values)
{
    public double Median => Statistics.Median(Values);

    public bool IsMet => AtLeast ? Median >= Goal : Median <= Goal;

    /// <summary>The median relative to the goal; the goal is met at 1 and above.</summary>
    public double Score => AtLeast ? Median / Goal : Median == 0 ? double.MaxValue : Goal / Median;
}

internal static class Statistics
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>Compares the results with the goals; unmeasured figures are omitted.</summary>
internal sealed class Findings(Results results)
{
    private static readonly string[] Held = ["check", "check_id", "notify"];
    private static readonly string[] Grown = ["check", "notify", "credit"];

    public IReadOnlyList<Finding> All() =>
    [
        .. new[] { "MariaDB", "SQLite" }.SelectMany(At).Concat(Elsewhere()).Where(f => f.Values.Count > 0),
    ];

    private IEnumerable<Finding> At(string site)
    {
        yield return Throughput("kamis_list", Variant.Prebuilt, 0.85);
        yield return Throughput("check", Variant.HandWritten, 3);
        yield return Throughput("check", Variant.OneTrip, 2);
        yield return new(site, "check: p50 at 1 connection, of hand-written's", false, 1.4, "×", Ratios("check", 1, Variant.HandWritten, s => s.Load.P50));
        yield return Throughput("check_id", Variant.HandWritten, 0.7);
        yield return Throughput("notify", Variant.HandWritten, 0.6);
        foreach (var call in Held)
            yield return new(site, $"{call}: p99 at 64 connections, of hand-written's", false, 1, "×", Ratios(call, 64, Variant.HandWritten, s => s.Load.P99));
        yield return new(site, "credit: p50 at 1 connection beyond the gateway's own, of a bare insert's", false, 3, "×", Placing());
        yield return new(site, "memory at its highest", false, 200, "MB", [.. results.Memory.Where(m => m.Site == site).Select(m => m.Peak / 1e6)]);
        yield return new(site, "allocated per check", false, 10, "kB",
            [.. results.Inspected.Where(i => i.Sample.Site == site && i.Sample is { Call: "check", Variant: Variant.Product }).Select(i => i.Allocated / 1000)]);
        yield return new(site, "cold start", false, 1.5, "s", [.. results.ColdStarts.Where(c => c.Site == site).Select(c => c.Seconds)]);

        Finding Throughput(string call, string ceiling, double goal) =>
            new(site, $"{call}: throughput at 64 connections, of {ceiling}'s", true, goal, "×", Ratios(call, 64, ceiling, s => s.Load.PerSecond));

        List<double> Ratios(string call, int connections, string ceiling, Func<Sample, double> figure) =>
            PerRound(Of(call, connections, Variant.Product), Of(call, connections, ceiling), figure);

        List<double> Placing() =>
            [.. from product in Of("credit", 1, Variant.Product)
                join gateway in Of("credit", 1, Variant.Native) on product.Round equals gateway.Round
                join insert in Of("credit", 1, Variant.Insert) on product.Round equals insert.Round
                select (double)(product.Load.P50 - gateway.Load.P50) / insert.Load.P50];

        IEnumerable<Sample> Of(string call, int connections, string variant) =>
            results.Samples.Where(s => s.Site == site && s.Call == call && s.Connections == connections && s.Variant == variant);
    }

    private IEnumerable<Finding> Elsewhere()
    {
        yield return new("MariaDB", "1,000 waiting clients, of a core", false, 5, "%", [.. results.Waiting.Select(w => w.CorePercent)]);
        yield return new("MariaDB", "the slowest of them hears of a payment at its own instance", false, 100, "ms", [.. results.Waiting.Select(w => w.SameMilliseconds.Max())]);
        yield return new("MariaDB", "the slowest of them hears of a payment at another", false, 1000, "ms", [.. results.Waiting.Select(w => w.OtherMilliseconds.Max())]);
        foreach (var call in Grown)
        {
            yield return new("MariaDB", $"{call}: time per request with 5 million orders, of that with 10 thousand", false, 1.25, "×",
                PerRound(At(Growth.Large), At(Growth.Small), s => 1 / s.Load.PerSecond));

            IEnumerable<Sample> At(string site) => results.Growth.Where(s => s.Site == site && s.Call == call);
        }
        foreach (var figure in results.Pure.Where(p => p.Name == Pure.RawTargets))
        {
            yield return new("", figure.Name, false, 0.8, "µs", [figure.Nanoseconds / 1000]);
            yield return new("", $"{figure.Name}: allocated", false, 0, "B", [figure.Bytes]);
        }
    }

    private static List<double> PerRound(IEnumerable<Sample> mine, IEnumerable<Sample> other, Func<Sample, double> figure) =>
        [.. mine.Join(other, s => s.Round, s => s.Round, (a, b) => figure(a) / figure(b))];
}
