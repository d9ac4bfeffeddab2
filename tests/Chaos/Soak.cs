using System.Globalization;
using MySqlConnector;

namespace PayRecharge.Chaos;

/// <summary>Watches the servers in a run without faults: their resource use must not grow.</summary>
internal sealed class Soak(World world, Records records)
{
    private readonly List<Sample> _samples = [];

    private sealed record Sample(TimeSpan At, long MemoryMb, int Handles, int Threads, long Connections);

    public async Task WatchAsync(TimeSpan length, CancellationToken over)
    {
        var started = TimeProvider.System.GetTimestamp();
        var every = length / 20;
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(every, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var processes = world.Servers.Select(s => s.Id).ToList();
            var sample = new Sample(
                TimeProvider.System.GetElapsedTime(started),
                processes.Sum(id => Status(id, "VmRSS:")) / 1024,
                processes.Sum(id => Directory.GetFiles($"/proc/{id}/fd").Length),
                (int)processes.Sum(id => Status(id, "Threads:")),
                await ConnectionsAsync());
            _samples.Add(sample);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{sample.At.TotalSeconds,5:0} s  {sample.MemoryMb} MB  {sample.Handles} handles  {sample.Threads} threads  {sample.Connections} connections  {records.Polls} polls"));
        }
    }

    /// <summary>Compares the last third with the second; the first third is warm-up.</summary>
    public void Judge()
    {
        var third = _samples.Count / 3;
        Compare("memory (MB)", s => s.MemoryMb, 30);
        Compare("handles", s => s.Handles, 60);
        Compare("threads", s => s.Threads, 20);
        Compare("connections", s => s.Connections, 10);
        foreach (var line in world.Outputs.SelectMany(o => o).Where(l => l.StartsWith("fail:", StringComparison.Ordinal) || l.StartsWith("crit:", StringComparison.Ordinal)))
            records.Violations.Enqueue("logged with nothing wrong: " + line);

        void Compare(string what, Func<Sample, long> value, long slack)
        {
            var (before, after) = (_samples.Skip(third).Take(third).Max(value), _samples.Skip(2 * third).Max(value));
            if (after > before + Math.Max(slack, before / 10)) records.Violations.Enqueue($"{what} grew from {before} to {after}");
        }
    }

    // As in "VmRSS:    123456 kB".
    internal static long Status(int process, string field) =>
        long.Parse(File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(field, StringComparison.Ordinal)).AsSpan(field.Length).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);

    private async Task<long> ConnectionsAsync()
    {
        await using var connection = new MySqlConnection(world.ConnectionString);
        await connection.OpenAsync();
        await using var command = new MySqlCommand("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'test'", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
