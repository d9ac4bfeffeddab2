using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace PayRecharge.Benchmarks;

internal static class Machine
{
    public static IReadOnlyList<(string What, string Value)> Describe() =>
    [
        ("processor", $"{Environment.ProcessorCount} cores of {Field("/proc/cpuinfo", "model name")}"),
        ("memory", string.Create(CultureInfo.InvariantCulture, $"{long.Parse(Field("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) / 1048576.0:0.0} GiB")),
        ("disk", string.Create(CultureInfo.InvariantCulture, $"{SyncsPerSecond():0} writes of 4 kB a second, each made durable before the next (fsync)")),
        ("system", $"{Field("/etc/os-release", "PRETTY_NAME").Trim('"')}, Linux {Environment.OSVersion.Version.ToString(3)}"),
        ("runtime", RuntimeInformation.FrameworkDescription),
        ("load", Wrk()),
    ];

    /// <summary>Durable writes per second on the disk of the databases.</summary>
    private static double SyncsPerSecond()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        var page = new byte[4096];
        var (count, started) = (0, Stopwatch.GetTimestamp());
        for (; Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2); count++)
        {
            file.Write(page);
            file.Flush(flushToDisk: true);
        }
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // wrk prints its version with its usage text and returns an error.
    private static string Wrk()
    {
        using var wrk = Process.Start(new ProcessStartInfo("wrk", "-v") { RedirectStandardOutput = true })!;
        var line = wrk.StandardOutput.ReadLine() ?? "";
        wrk.StandardOutput.ReadToEnd();
        return line.Split(" [")[0];
    }

    private static string Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) is { } line ? line[(line.IndexOfAny([':', '=']) + 1)..].Trim() : "unknown";
}
