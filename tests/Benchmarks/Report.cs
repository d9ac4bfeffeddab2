using System.Globalization;
using System.Text;

namespace PayRecharge.Benchmarks;

/// <summary>Writes the report.</summary>
internal sealed class Report(Results results, IReadOnlyList<Finding> findings, Options options, string mariaDb, string sqlite)
{
    /// <summary>The heading of the hand-written last section, which is kept when the page is rewritten.</summary>
    public const string Profiles = "\n## Where the time goes\n";

    private readonly StringBuilder _text = new();

    public string Write()
    {
        Line($"""
            # Benchmarks

            What the product does on one machine, beside what could be done there by hand. Everything in a row of a table was measured in
            turn, round by round, so that ratios hold where figures would not: they are medians of the rounds' ratios, with the lowest and
            highest in brackets. Written by `./bench.sh{(options.Full ? " --full" : "")}` on {TimeProvider.System.GetUtcNow():yyyy-MM-dd}; how to read it is told in
            [tests/Benchmarks](../tests/Benchmarks/README.md).

            ![How each figure stands to its goal](benchmarks.svg)

            ## Goals

            | | | goal | reached | |
            |---|---|---|---|---|
            """);
        foreach (var f in findings)
            Line($"| {f.Where} | {f.What} | {(f.AtLeast ? '≥' : '≤')} {f.Goal} {f.Unit} | **{Round(f.Median)}** {f.Unit}{Range(f.Values)} | {(f.IsMet ? "met" : "**missed**")} |");
        Line($"""

            The gateway's own time is the p50 of wrk's signed requests to the sandbox itself, with 1 connection, in the same round.
            Memory, cold start and allocations are the product's. The waiting clients ask with `wait=30`: a thousand of them at one server while
            its processor time is counted for 10 s, then a hundred more whose orders are paid, half of them at another server.
            """);
        foreach (var site in results.Samples.GroupBy(s => s.Site)) WriteSite(site);
        WriteInspection();
        WriteProcess();
        if (results.Growth.Count > 0) WriteGrowth();
        WritePure();
        WriteMachine();
        return _text.ToString();
    }

    private void WriteSite(IGrouping<string, Sample> site)
    {
        Line($"""

            ## {site.Key}, {options.Orders:#,0} orders

            Medians of {options.Rounds} rounds of {options.Seconds} s; in brackets the lowest and the highest. Processor time is per request.

            | call | connections | | requests/s | p50 ms | p99 ms | server µs | database µs | statements |
            |---|---|---|---|---|---|---|---|---|
            """);
        foreach (var row in site.GroupBy(s => (s.Call, s.Connections, s.Variant)).OrderBy(r => Order(r.Key.Call)).ThenBy(r => r.Key.Connections).ThenBy(r => r.Key.Variant != Variant.Product))
            Line($"| {row.Key.Call} | {row.Key.Connections} | {row.Key.Variant} | {Figures(row)} | {(row.First().Statements > 0 ? Round(Median(row, s => s.Statements)) : "")} |");
    }

    private void WriteInspection()
    {
        Line($"""

            ## What a request costs

            From a pass of its own at 64 connections in which every reply's body was read and had to be right. Bytes allocated are by the runtime's own count.
            A round trip is each time a client of MariaDB speaks after the server has spoken, seen by a relay between the two.

            | | call | | replies read | kB allocated | statements | round trips |
            |---|---|---|---|---|---|---|
            """);
        foreach (var (s, allocated) in results.Inspected.Select(i => (i.Sample, i.Allocated)))
            Line($"| {s.Site} | {s.Call} | {s.Variant} | {s.Load.Completed:#,0} | {(allocated > 0 ? Round(allocated / 1000) : "")} | {(s.Trips > 0 ? Round(s.Statements) : "")} | {(s.Trips > 0 ? Round(s.Trips) : "")} |");
    }

    private void WriteProcess()
    {
        Line($"""

            ## Memory and cold start

            Resident memory of the product after all rounds, and its highest; seconds from the start of the process to the first right
            `payjs_kamis_list`, with the database there: the median of the starts.

            | | MB after the rounds | MB at most | cold start s |
            |---|---|---|---|
            """);
        foreach (var (site, now, peak) in results.Memory)
        {
            var starts = results.ColdStarts.Where(c => c.Site == site).Select(c => c.Seconds).ToList();
            Line($"| {site} | {now / 1e6:0} | {peak / 1e6:0} | {(starts.Count > 0 ? Round(Statistics.Median(starts)) + Range(starts) : "")} |");
        }
    }

    private void WriteGrowth()
    {
        Line($"""

            ## Growth

            On one MariaDB with a buffer pool of 4 GB, {options.Rounds} rounds of {options.Seconds} s. `{Growth.LongList}` lists all of a user's 10,000 paid orders
            in one reply; `{Growth.Crowd}` is `check` with the connections of one to eight instances' worth of clients.

            | orders | call | connections | | requests/s | p50 ms | p99 ms | server µs | database µs |
            |---|---|---|---|---|---|---|---|---|
            """);
        foreach (var row in results.Growth.GroupBy(s => (s.Site, s.Call, s.Connections, s.Variant)).OrderBy(r => Order(r.Key.Call)).ThenBy(r => r.Key.Call).ThenBy(r => r.Key.Connections))
            Line($"| {row.Key.Site} | {row.Key.Call} | {row.Key.Connections} | {row.Key.Variant} | {Figures(row)} |");
    }

    private void WritePure()
    {
        Line($"""

            ## Pure parts

            What touches neither network nor database, by BenchmarkDotNet in one process.

            | | ns | bytes allocated |
            |---|---|---|
            """);
        foreach (var figure in results.Pure) Line($"| {figure.Name} | {figure.Nanoseconds:0} | {figure.Bytes} |");
    }

    private void WriteMachine()
    {
        Line($"""

            ## Machine and settings

            | | |
            |---|---|
            """);
        foreach (var (what, value) in Machine.Describe()) Line($"| {what} | {value} |");
        Line($"""
            | MariaDB | {mariaDb}, private, `innodb_flush_log_at_trx_commit=1`, buffer pool {(options.Full ? "2 GB (growth: 4 GB)" : "2 GB")}, log 1 GB |
            | SQLite | {sqlite}, WAL, `synchronous=FULL` |
            | product | published for linux-x64, ReadyToRun, `Payjs:Mode=Live`, rate limits far above the load, `Payjs:ChecksPerSecond=0`, the sandbox as gateway |

            Load, servers and database share the machine's cores.
            """);
    }

    private static int Order(string call) => Call.All.TakeWhile(c => c.Name != call).Count();

    private static string Figures(IEnumerable<Sample> row) =>
        $"{Spread(row, s => s.Load.PerSecond)} | {Spread(row, s => s.Load.P50 / 1000.0)} | {Spread(row, s => s.Load.P99 / 1000.0)} | {Median(row, s => s.ServerCpu):0} | {Median(row, s => s.DatabaseCpu):0}";

    private static double Median(IEnumerable<Sample> row, Func<Sample, double> figure) => Statistics.Median(row.Select(figure));

    private static string Spread(IEnumerable<Sample> row, Func<Sample, double> figure) => Round(Median(row, figure)) + Range([.. row.Select(figure)]);

    private static string Range(IReadOnlyCollection<double> values) => values.Count < 2 ? "" : $" [{Round(values.Min())}–{Round(values.Max())}]";

    internal static string Round(double value) => value.ToString(value >= 100 ? "#,0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);

    private void Line(FormattableString text) => _text.Append(FormattableString.Invariant(text)).Append('\n');
}
