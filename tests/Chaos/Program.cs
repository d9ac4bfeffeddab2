using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using PayRecharge.Chaos;

var options = Options.Read(args);
if (options is null)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}
var failed = 0;
foreach (var seed in options.Seeds)
{
    if (options.ShowPlan)
    {
        foreach (var fault in Faults.Plan(seed, options.Length)) Console.WriteLine(fault);
        continue;
    }
    if (!await (options.Attack ? Run.AttackedAsync(options, seed) : Run.OnceAsync(options, seed))) failed++;
}
if (!options.ShowPlan) Console.WriteLine($"chaos: {options.Seeds.Count - failed} of {options.Seeds.Count} runs without a violation");
return failed == 0 ? 0 : 1;

internal sealed record Options(IReadOnlyList<ulong> Seeds, TimeSpan Length, int Servers, int Buyers, bool Calm, bool Attack, bool ShowPlan)
{
    public const string Usage = """
        usage: Chaos [--seed N]… [--runs N] [--seconds N] [--servers N] [--buyers N] [--calm] [--attack] [--plan]
          --seed     replays a run; without one, seeds are drawn
          --runs     how many seeds to draw (1)
          --seconds  how long things go wrong in a run (60)
          --servers  server processes (2)
          --buyers   buyers at once (8)
          --calm     nothing goes wrong; memory, handles and the log are watched
          --attack   nothing breaks; twenty attackers try to, beside twenty honest buyers, on one server with an owner's limits
          --plan     prints what would go wrong, and runs nothing
        """;

    public static Options? Read(string[] args)
    {
        var (seeds, runs, seconds, servers, buyers, calm, attack, plan) = (new List<ulong>(), 1, 60, 2, 8, false, false, false);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--calm") calm = true;
            else if (args[i] == "--attack") attack = true;
            else if (args[i] == "--plan") plan = true;
            else if (i + 1 == args.Length || !ulong.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
            else if (args[i++] is var name && name == "--seed") seeds.Add(number);
            else if (name == "--runs") runs = (int)number;
            else if (name == "--seconds") seconds = (int)number;
            else if (name == "--servers") servers = (int)number;
            else if (name == "--buyers") buyers = (int)number;
            else return null;
        }
        for (; seeds.Count == 0 || seeds.Count < runs;) seeds.Add(BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)));
        return new Options(seeds, TimeSpan.FromSeconds(seconds), servers, buyers, calm, attack, plan);
    }
}

internal static class Run
{
    public static async Task<bool> OnceAsync(Options options, ulong seed)
    {
        Console.WriteLine($"seed {seed}");
        var started = Stopwatch.GetTimestamp();
        await using var world = await World.CreateAsync(options.Servers);
        var records = new Records();
        var accounts = await AddAccountsAsync(world, Math.Max(1, options.Buyers / 2));
        using var over = new CancellationTokenSource(options.Length);
        var soak = new Soak(world, records);
        using var faults = new Faults(world, seed);
        List<Task> all =
        [
            .. Enumerable.Range(0, options.Buyers).Select(i => new Buyer(world, records, accounts, i, seed, options.Calm ? TimeSpan.Zero : TimeSpan.FromMilliseconds(100)).RunAsync(over.Token)),
            .. options.Calm
                ? new[] { soak.WatchAsync(options.Length, over.Token) }
                : [new Forger(world, records, seed).RunAsync(over.Token), new Passerby(world, records).RunAsync(over.Token), faults.RunAsync(options.Length, over.Token)],
        ];
        await Task.WhenAll(all);

        var verdict = new Verdict(world, records, accounts);
        await verdict.JudgeAsync();
        if (options.Calm) soak.Judge();

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
              {verdict.Orders} orders ({records.OrderCalls} calls, {records.LostAnswers} without an answer), {verdict.Paid} paid, {records.Polls} polls, {records.Redemptions} redemptions, {records.Refunds} refunds
              {verdict.Notices} notices answered, {verdict.Duplicates} of them duplicates; {records.Forgeries + verdict.ForgedByGateway} forgeries
              faults: {string.Join(", ", faults.Done.OrderBy(d => d.Key).Select(d => $"{d.Key} {d.Value}"))}
              quiet after {verdict.Quiet.TotalSeconds:0.0} s; {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s in all; violations: {records.Violations.Count}
            """));
        return await TellAsync(world, records, seed, $"--seconds {options.Length.TotalSeconds:0} --servers {options.Servers} --buyers {options.Buyers}");
    }

    public static async Task<bool> AttackedAsync(Options options, ulong seed)
    {
        Console.WriteLine($"attack, seed {seed}");
        await using var world = await World.CreateAsync(1, [.. Attack.Limits]);
        var records = new Records();
        var accounts = await AddAccountsAsync(world, Attack.Buyers);
        using var attack = new Attack(world, records, seed);
        using var over = new CancellationTokenSource(options.Length);
        await attack.RunAsync(accounts, over.Token);
        attack.Judge();
        await new Verdict(world, records, accounts).JudgeAsync();
        Console.WriteLine($"  violations: {records.Violations.Count}");
        return await TellAsync(world, records, seed, $"--attack --seconds {options.Length.TotalSeconds:0}");
    }

    private static async Task<bool> TellAsync(World world, Records records, ulong seed, string arguments)
    {
        if (records.Violations.IsEmpty) return true;
        foreach (var violation in records.Violations.Take(50)) Console.WriteLine("  VIOLATION " + violation);
        var log = Path.Combine(Path.GetTempPath(), $"payrecharge-chaos-{seed}.log");
        await File.WriteAllLinesAsync(log, world.Outputs.SelectMany((output, server) => output.Select(line => $"{server}  {line}")));
        Console.WriteLine($"  replay with --seed {seed} {arguments}; what the servers logged is in {log}");
        return false;
    }

    private static async Task<List<Account>> AddAccountsAsync(World world, int count)
    {
        var accounts = new List<Account>();
        for (var i = 1; i <= count; i++)
            accounts.Add(new Account($"buyer{i}", (long)(await world.InsistAsync(HttpMethod.Post, "users", new { userName = $"buyer{i}" }))["uid"]!));
        return accounts;
    }
}
