using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.Benchmarks;

/// <summary>The cost of more orders, of a user with many orders, and of more connections; on MariaDB.</summary>
internal static class Growth
{
    public const string Small = "10 thousand", Large = "5 million";
    public const string LongList = "long check_id", Crowd = "crowded check";

    private const int LongListLength = 10_000;
    private static readonly int[] Crowds = [64, 128, 256, 512];

    public static async Task RunAsync(Options options, Gateway gateway, List<Sample> samples)
    {
        await using var mariaDb = await MariaDbServer.StartAsync("--innodb-buffer-pool-size=4G", "--innodb-log-file-size=2G");
        await using var small = await Site.OpenAsync(Small, await Database.CreateOnAsync(mariaDb), mariaDb, options, gateway, 10_000);
        await using var large = await Site.OpenAsync(Large, await Database.CreateOnAsync(mariaDb), mariaDb, options, gateway, 5_000_000);
        var uid = await large.Seeding.AddReaderAsync(LongListLength);
        var both = new[] { new Rounds(small, options, samples), new Rounds(large, options, samples) };
        var calls = Call.All.Where(c => c.Name is "check" or "notify" or "credit").ToList();
        foreach (var call in calls)
            foreach (var rounds in both)
                await rounds.WarmUpAsync(call, call.Variants[0]);
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var call in calls)
            {
                foreach (var rounds in round % 2 == 0 ? both : [.. both.Reverse()])
                    samples.Add(await rounds.RunAsync(call, call.Variants[0], 64, round, options.Seconds));
            }
        }

        var list = Call.All.Single(c => c.Name == "check_id") with { Name = LongList, Requests = (_, _, _) => [Call.ListOf(uid)] };
        for (var round = 0; round <= options.Rounds; round++)
        {
            foreach (var variant in list.Variants[..2])
            {
                var sample = await both[1].RunAsync(list, variant, 1, round, options.Seconds);
                if (round > 0) samples.Add(sample);
            }
            foreach (var connections in Crowds)
            {
                var sample = await both[1].RunAsync(calls[0] with { Name = Crowd }, calls[0].Variants[0], connections, round, options.Seconds);
                if (round > 0) samples.Add(sample);
            }
        }
    }
}
