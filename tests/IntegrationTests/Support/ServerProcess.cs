using System.Collections.Concurrent;
using System.Diagnostics;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>The product in its own process, which can be killed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    public const string AdminKey = "test-admin-key-0123456789";

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

    /// <summary>The output so far, by line.</summary>
    public ConcurrentQueue<string> Output { get; } = new();

    public int Id => _process.Id;

    /// <summary>Starts a server in live mode and waits until it answers.</summary>
    public static Task<ServerProcess> StartAsync(Database database, Uri gateway, params (string Name, string Value)[] more) =>
        StartAfterAsync(":", database, gateway, more);

    /// <summary>The same, in a shell that runs a command first, such as one that sets a limit.</summary>
    public static async Task<ServerProcess> StartAfterAsync(string command, Database database, Uri gateway, params (string Name, string Value)[] more)
    {
        var server = Launch(command, database, gateway, more);
        await server.AnswersAsync();
        return server;
    }

    /// <summary>Starts a server in live mode without waiting.</summary>
    public static ServerProcess Launch(Database database, Uri gateway, params (string Name, string Value)[] more) => Launch(":", database, gateway, more);

    private static ServerProcess Launch(string command, Database database, Uri gateway, (string Name, string Value)[] more)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var start = new ProcessStartInfo("sh", ["-c", command + "; exec dotnet \"$0\"", Path.Combine(AppContext.BaseDirectory, "PayRecharge.WebApi.dll")])
        {
            // Its settings files are here.
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["ASPNETCORE_URLS"] = address.ToString(),
                ["Database__Provider"] = database.Provider,
                ["ConnectionStrings__PayRecharge"] = database.ConnectionString,
                ["Data__KeysFolder"] = Database.KeysFolder,
                ["Payjs__Mode"] = "Live",
                ["Payjs__BaseUrl"] = gateway.ToString(),
                ["Admin__ApiKey"] = AdminKey,
                ["RateLimit__PerSecond"] = "100000",
                ["RateLimit__Burst"] = "100000",
                ["RateLimit__OrderPerSecond"] = "100000",
                ["RateLimit__OrderBurst"] = "100000",
                ["RateLimit__UnknownOrdersPerMinute"] = "100000",
                ["RateLimit__OpenOrdersPerUser"] = "0",
                ["RateLimit__OpenOrdersPerAddress"] = "0",
            },
        };
        foreach (var (name, value) in more) start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        return new ServerProcess(ChildProcess.Start(start), address);
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>SIGKILL: no handler runs, nothing is finished.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as a service manager stops a server.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("sh", ["-c", $"kill -TERM {_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    private Task AnswersAsync() => Eventually.HoldsAsync(async () =>
    {
        if (_process.HasExited) throw new InvalidOperationException("The server ended:\n" + string.Join('\n', Output));
        try
        {
            using var response = await Http.GetAsync("/plugin.php");
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    });

    /// <summary>Waits until it accepts no more connections.</summary>
    public Task StopsListeningAsync() => Eventually.HoldsAsync(async () =>
    {
        try
        {
            using var socket = new System.Net.Sockets.TcpClient();
            await socket.ConnectAsync(Http.BaseAddress!.Host, Http.BaseAddress.Port);
            return false;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return true;
        }
    });

    /// <summary>Waits for its end and returns its exit code.</summary>
    public async Task<int> ExitCodeAsync()
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
        Http.Dispose();
    }
}
