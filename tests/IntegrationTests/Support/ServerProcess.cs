using System.Collections.Concurrent;
using System.Diagnostics;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>The product as a process of its own, which can be killed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    public const string AdminKey = "test-admin-key";

    private readonly Process _process;

    private ServerProcess(Process process, Uri address)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => Output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = address };
    }

    public HttpClient Http { get; }

    /// <summary>What it has printed so far, by line.</summary>
    public ConcurrentQueue<string> Output { get; } = new();

    public int Id => _process.Id;

    /// <summary>Starts a server in live mode and waits until it answers.</summary>
    public static async Task<ServerProcess> StartAsync(Database database, Uri gateway, params (string Name, string Value)[] environment)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "PayRecharge.WebApi.dll")])
        {
            // Where its own settings are.
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["ASPNETCORE_URLS"] = address.ToString(),
                ["Database__Provider"] = database.Provider,
                ["ConnectionStrings__PayRecharge"] = database.ConnectionString,
                ["Payjs__Mode"] = "Live",
                ["Payjs__BaseUrl"] = gateway.ToString(),
                ["Admin__ApiKey"] = AdminKey,
                ["RateLimit__PerSecond"] = "100000",
                ["RateLimit__Burst"] = "100000",
            },
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var server = new ServerProcess(Process.Start(start)!, address);
        await Eventually.HoldsAsync(async () =>
        {
            if (server._process.HasExited) throw new InvalidOperationException("The server ended:\n" + string.Join('\n', server.Output));
            try
            {
                using var response = await server.Http.GetAsync("/plugin.php");
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, TimeSpan.FromSeconds(60));
        return server;
    }

    /// <summary>Whether the process has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>SIGKILL: no handler runs, nothing is finished.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
        Http.Dispose();
    }
}
