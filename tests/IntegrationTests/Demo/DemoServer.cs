using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Demo;

/// <summary>The server as <c>dotnet run</c> starts it, in sandbox mode, with its own process and database.</summary>
internal sealed partial class DemoServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _announced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("payrecharge-demo-");
    private readonly Process _process;

    private DemoServer()
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "PayRecharge.WebApi.dll"), "--contentRoot", ContentRoot() },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                // The system picks a free port; the server prints it.
                ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
                ["ConnectionStrings__PayRecharge"] = $"Data Source={Path.Combine(_data.FullName, "demo.db")}",
                // With a preset key, the server leaves no key file in the source tree.
                ["Admin__ApiKey"] = "unused-0123456789-abcdefgh",
            },
        };
        _process = ChildProcess.Start(start);
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Exited += (_, _) => _announced.TrySetException(new InvalidOperationException($"The server has ended.\n{Output}"));
        _process.EnableRaisingEvents = true;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where the server listens.</summary>
    public Uri Address => _announced.Task.Result;

    /// <summary>The server's output so far.</summary>
    public string Output => string.Join('\n', _output);

    public static async Task<DemoServer> StartAsync()
    {
        var server = new DemoServer();
        try
        {
            await server._announced.Task.WaitAsync(Eventually.Patience);
            return server;
        }
        catch (Exception exception)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server did not start.\n{server.Output}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _data.Delete(recursive: true);
    }

    private void Take(string? line)
    {
        if (line is null) return;
        _output.Enqueue(line);
        if (DemoAddress().Match(line) is { Success: true } match) _announced.TrySetResult(new Uri(match.Groups[1].Value));
    }

    private static string ContentRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "PayRecharge.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"No PayRecharge.sln above {AppContext.BaseDirectory}.");
        return Path.Combine(folder.FullName, "src", "WebApi");
    }

    [GeneratedRegex(@"(http://\S+/)demo/")]
    private static partial Regex DemoAddress();
}
