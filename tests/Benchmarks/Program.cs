using System.Globalization;
using PayRecharge.Benchmarks;
using PayRecharge.IntegrationTests.Support;

if (args is [CeilingServer.Mode, var address, var provider, var connectionString, var replies])
{
    await CeilingServer.RunAsync(address, provider, connectionString, replies);
    return 0;
}
if (Options.Read(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}
var calls = Call.All.Where(c => options.Only.Count == 0 || options.Only.Contains(c.Name)).ToList();
var results = new Results();
await using var gateway = await Gateway.StartAsync();
foreach (var kind in options.Databases)
{
    await using var mariaDb = kind == DatabaseKind.MariaDb ? await MariaDbServer.StartAsync("--innodb-buffer-pool-size=2G", "--innodb-log-file-size=1G") : null;
    var database = mariaDb is null ? await Database.CreateAsync(kind) : await Database.CreateOnAsync(mariaDb);
    await using var site = await Site.OpenAsync(mariaDb is null ? "SQLite" : "MariaDB", database, mariaDb, options, gateway, options.Orders);
    await new Rounds(site, options, results.Samples).RunAsync(calls);
}
foreach (var finding in new Findings(results).All())
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{finding.Site,-8} {finding.What,-70} {finding.Median,6:0.00} [{finding.Values.Min():0.00}–{finding.Values.Max():0.00}] {(finding.AtLeast ? '≥' : '≤')} {finding.Goal} {(finding.IsMet ? "met" : "MISSED")}"));
return 0;
