namespace PayRecharge.Benchmarks;

/// <summary>Everything that was measured.</summary>
internal sealed class Results
{
    public List<Sample> Samples { get; } = [];
}

/// <summary>A figure that was aimed for, and what came of it.</summary>
/// <param name="Site">The database.</param>
/// <param name="What">What is compared.</param>
/// <param name="AtLeast">Whether more is better.</param>
/// <param name="Goal">The figure to reach.</param>
/// <param name="Unit">What it counts; × of a ratio.</param>
/// <param name="Values">One value a round.</param>
internal sealed record Finding(string Site, string What, bool AtLeast, double Goal, string Unit, IReadOnlyList<double> Values)
{
    public double Median => Statistics.Median(Values);

    public bool IsMet => AtLeast ? Median >= Goal : Median <= Goal;

    /// <summary>How the median stands to the goal; 1 and above is met.</summary>
    public double Score => AtLeast ? Median / Goal : Goal / Median;
}

internal static class Statistics
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>The figures that were aimed for.</summary>
internal sealed class Findings(Results results)
{
    private static readonly string[] Held = ["check", "check_id", "notify"];

    public IReadOnlyList<Finding> All() =>
    [
        .. results.Samples.Select(s => s.Site).Distinct().SelectMany(Of).Where(f => f.Values.Count > 0),
    ];

    private IEnumerable<Finding> Of(string site)
    {
        yield return Throughput("kamis_list", Variant.Prebuilt, 0.85);
        yield return Throughput("check", Variant.HandWritten, 3);
        yield return Throughput("check", Variant.OneTrip, 2);
        yield return new(site, "check, p50 with 1 connection, to hand-written", false, 1.4, "×", Ratios("check", 1, Variant.HandWritten, s => s.Load.P50));
        yield return Throughput("check_id", Variant.HandWritten, 0.7);
        yield return Throughput("notify", Variant.HandWritten, 0.6);
        foreach (var call in Held)
            yield return new(site, $"{call}, p99 with 64 connections, to hand-written", false, 1, "×", Ratios(call, 64, Variant.HandWritten, s => s.Load.P99));
        yield return new(site, "credit, p50 with 1 connection beyond the gateway's, to a bare insert", false, 3, "×", Placing());

        Finding Throughput(string call, string ceiling, double goal) =>
            new(site, $"{call}, throughput with 64 connections, to {ceiling}", true, goal, "×", Ratios(call, 64, ceiling, s => s.Load.PerSecond));

        List<double> Ratios(string call, int connections, string ceiling, Func<Sample, double> figure) =>
            [.. Of(call, connections, Variant.Product).Join(Of(call, connections, ceiling), s => s.Round, s => s.Round, (product, other) => figure(product) / figure(other))];

        List<double> Placing() =>
            [.. from product in Of("credit", 1, Variant.Product)
                join gateway in Of("credit", 1, Variant.Native) on product.Round equals gateway.Round
                join insert in Of("credit", 1, Variant.Insert) on product.Round equals insert.Round
                select (double)(product.Load.P50 - gateway.Load.P50) / insert.Load.P50];

        IEnumerable<Sample> Of(string call, int connections, string variant) =>
            results.Samples.Where(s => s.Site == site && s.Call == call && s.Connections == connections && s.Variant == variant);
    }
}
