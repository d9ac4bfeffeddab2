using PayRecharge.Benchmarks;
using PayRecharge.IntegrationTests.Support;

if (args is [CeilingServer.Mode, var address, var provider, var connectionString, var replies])
{
    await CeilingServer.RunAsync(address, provider, connectionString, replies);
    return 0;
}
if (args is ["pure"])
{
    foreach (var figure in Pure.Run()) Print($"{figure.Name,-40} {figure.Nanoseconds,8:0} ns {figure.Bytes,6} B");
    return 0;
}
if (Options.Read(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}
try
{
    await MeasureAsync(options);
    return 0;
}
catch (Exception exception) when (exception is InvalidOperationException or TimeoutException)
{
    Console.Error.WriteLine($"The benchmark failed: {exception.Message}");
    return 1;
}

static async Task MeasureAsync(Options options)
{
    var results = new Results();
    var versions = new Dictionary<DatabaseKind, string>();
    await using (var gateway = await Gateway.StartAsync())
    {
        foreach (var kind in options.Databases) versions[kind] = await MeasureOnAsync(kind, options, gateway, results);
        if (options.Full) await Growth.RunAsync(options, gateway, results.Growth);
    }
    if (options.Docs is not null) results.Pure.AddRange(Pure.Run());

    var findings = new Findings(results).All();
    Console.WriteLine();
    foreach (var f in findings)
        Print($"{f.Where,-7} {f.What,-75} {Report.Round(f.Median),6} {f.Unit,-2} [{Report.Round(f.Values.Min())}–{Report.Round(f.Values.Max())}]  {(f.AtLeast ? '≥' : '≤')} {f.Goal}  {(f.IsMet ? "met" : "MISSED")}");
    foreach (var (s, allocated) in results.Inspected.Select(i => (i.Sample, i.Allocated)).Where(i => i.Sample.Variant == Variant.Product))
        Print($"{s.Site,-7} {s.Call}: {s.Load.Completed} replies read, {allocated / 1000:0.0} kB allocated each{(s.Trips > 0 ? FormattableString.Invariant($", {s.Statements:0.0} statements in {s.Trips:0.0} round trips") : "")}");
    foreach (var (site, now, peak) in results.Memory) Print($"{site,-7} {now / 1e6:0} MB resident, {peak / 1e6:0} MB at most");
    if (options.Docs is not { } docs) return;
    var page = Path.Combine(docs, "benchmarks.md");
    var profiles = File.Exists(page) ? (await File.ReadAllTextAsync(page)).Split(Report.Profiles, 2).ElementAtOrDefault(1) : null;
    await File.WriteAllTextAsync(page, new Report(results, findings, options, versions[DatabaseKind.MariaDb], versions[DatabaseKind.Sqlite]).Write() + Report.Profiles + profiles);
    await File.WriteAllTextAsync(Path.Combine(docs, "benchmarks.svg"), Chart.Draw(findings));
}

static async Task<string> MeasureOnAsync(DatabaseKind kind, Options options, Gateway gateway, Results results)
{
    var calls = Call.All.Where(c => options.Only.Count == 0 ? !c.IsLeftOut || options.Full || options.Rounds == 0 : options.Only.Contains(c.Name)).ToList();
    await using var mariaDb = kind == DatabaseKind.MariaDb ? await MariaDbServer.StartAsync("--innodb-buffer-pool-size=2G", "--innodb-log-file-size=1G") : null;
    var database = mariaDb is null ? await Database.CreateAsync(kind) : await Database.CreateOnAsync(mariaDb);
    await using var site = await Site.OpenAsync(mariaDb is null ? "SQLite" : "MariaDB", database, mariaDb, options, gateway, options.Orders);
    var rounds = new Rounds(site, options, results.Samples);
    if (options.Rounds > 0)
    {
        await rounds.RunAsync(calls);
        var (now, peak) = ProcessFigures.Memory(site.Product.Id);
        results.Memory.Add((site.Name, now, peak));
    }
    if (site.MariaDb is not null && options.Only.Count == 0 && options.Rounds > 0) results.Waiting.Add(await WaitingClients.RunAsync(site));
    results.Inspected.AddRange(await Inspection.RunAsync(site, rounds, options, calls));
    if (options.Docs is not null)
        for (var start = 0; start < 7; start++) results.ColdStarts.Add((site.Name, (await site.RestartProductAsync(site.ConnectionString)).TotalSeconds));
    return mariaDb is null ? await site.Store.TextAsync("SELECT sqlite_version()") : await site.Store.TextAsync("SELECT VERSION()");
}

static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
