using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.Benchmarks;

/// <summary>A server in its own process: the product or the ceilings.</summary>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private Child(Process process, Uri address)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Address = address;
    }

    public Uri Address { get; }

    public int Id => _process.Id;

    /// <summary>The time from process start to the first correct reply.</summary>
    public TimeSpan StartedIn { get; private set; }

    /// <summary>Starts a program and waits until it answers the probe as expected.</summary>
    public static async Task<Child> StartAsync(
        string program, IEnumerable<string> arguments, Uri address, Request probe, string expected, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            WorkingDirectory = Path.GetDirectoryName(program),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var http = new HttpClient { BaseAddress = address };
        var started = Stopwatch.GetTimestamp();
        var child = new Child(ChildProcess.Start(start), address);
        while (true)
        {
            if (child._process.HasExited || Stopwatch.GetElapsedTime(started) > TimeSpan.FromMinutes(1))
            {
                await child.DisposeAsync();
                throw new InvalidOperationException($"{Path.GetFileName(program)} did not come up:\n{string.Join('\n', child._output)}");
            }
            try
            {
                if ((await probe.SendAsync(http)).Contains(expected, StringComparison.Ordinal)) break;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            await Task.Delay(2);
        }
        child.StartedIn = Stopwatch.GetElapsedTime(started);
        return child;
    }

    /// <summary>The last lines of its output.</summary>
    public string LastWords => string.Join('\n', _output.TakeLast(20));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }
}

/// <summary>Linux's counters for a process.</summary>
internal static class ProcessFigures
{
    /// <summary>Processor time so far in microseconds, in the kernel's steps of a hundredth of a second.</summary>
    public static long Cpu(int process)
    {
        // The process name before it may contain spaces; it ends with the last bracket.
        var fields = File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ');
        return (Number(fields[12]) + Number(fields[13])) * 10_000;
    }

    /// <summary>Current and peak resident memory, in bytes.</summary>
    public static (long Now, long Peak) Memory(int process)
    {
        var lines = File.ReadAllLines($"/proc/{process}/status");
        return (Of("VmRSS"), Of("VmHWM"));

        long Of(string name) => Number(lines.First(l => l.StartsWith(name + ":", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
