using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using MySqlConnector;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>The databases under test.</summary>
public enum DatabaseKind
{
    Sqlite,
    MariaDb,
}

/// <summary>An empty database for one fixture.</summary>
internal sealed class Database : IAsyncDisposable
{
    private static readonly Lock Gate = new();
    private static Task<MariaDbServer>? _server;

    internal Database(DatabaseKind kind, string connectionString)
    {
        Kind = kind;
        ConnectionString = connectionString;
    }

    /// <summary>The keys that encrypt secrets in all databases of this run; servers that share a database share them.</summary>
    public static string KeysFolder { get; } = Directory.CreateTempSubdirectory("payrecharge-keys-").FullName;

    public DatabaseKind Kind { get; }

    public string ConnectionString { get; }

    public string Provider => Kind == DatabaseKind.Sqlite ? "Sqlite" : "MySql";

    public static async Task<Database> CreateAsync(DatabaseKind kind)
    {
        if (kind == DatabaseKind.Sqlite)
            return new Database(kind, $"Data Source={Path.Combine(Path.GetTempPath(), NewName() + ".db")};Default Timeout=5");
        Task<MariaDbServer> starting;
        lock (Gate) starting = _server ??= MariaDbServer.StartAsync();
        return await CreateOnAsync(await starting);
    }

    /// <summary>Creates an empty database on the test's own server.</summary>
    public static async Task<Database> CreateOnAsync(MariaDbServer server, string charset = "utf8mb4")
    {
        var name = NewName();
        await using var connection = new MySqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var create = new MySqlCommand($"CREATE DATABASE {name} CHARACTER SET {charset}", connection);
        await create.ExecuteNonQueryAsync();
        return new Database(DatabaseKind.MariaDb, new MySqlConnectionStringBuilder(server.ConnectionString) { Database = name }.ConnectionString);
    }

    public static async Task StopServerAsync()
    {
        if (_server is { } server) await (await server).DisposeAsync();
        Directory.Delete(KeysFolder, recursive: true);
    }

    private static string NewName() => "test_" + Guid.NewGuid().ToString("N");

    public ValueTask DisposeAsync()
    {
        if (Kind != DatabaseKind.Sqlite) return ValueTask.CompletedTask;
        SqliteConnection.ClearAllPools();
        var file = new SqliteConnectionStringBuilder(ConnectionString).DataSource;
        foreach (var path in new[] { file, file + "-wal", file + "-shm" }) File.Delete(path);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A private MariaDB server with its own folder, port and data, deleted at the end.</summary>
internal sealed class MariaDbServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string[] _arguments;
    private Process _process;

    private MariaDbServer(string folder, string[] arguments, int port)
    {
        _folder = folder;
        _arguments = arguments;
        Port = port;
        _process = Start("mariadbd", arguments);
        ConnectionString = $"Server=127.0.0.1;Port={port};User ID=test;Password=test;Maximum Pool Size=64";
    }

    public string ConnectionString { get; }

    public int Port { get; }

    public int Id => _process.Id;

    /// <summary>Starts a server.</summary>
    /// <param name="more">Further arguments, which override the defaults.</param>
    public static async Task<MariaDbServer> StartAsync(params string[] more)
    {
        var folder = Directory.CreateTempSubdirectory("payrecharge-mariadb-").FullName;
        var port = FreePort.Next();
        // As root the server requires --user=root; any other user must not set --user.
        string[] user = Environment.UserName == "root" ? ["--user=root"] : [];
        await RunAsync("mariadb-install-db", ["--no-defaults", .. user, $"--datadir={folder}/data", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]);
        var init = Path.Combine(folder, "init.sql");
        await File.WriteAllTextAsync(init, "CREATE USER IF NOT EXISTS test@127.0.0.1 IDENTIFIED BY 'test';\nGRANT ALL ON *.* TO test@127.0.0.1 WITH GRANT OPTION;");
        var server = new MariaDbServer(folder,
        [
            "--no-defaults", .. user, $"--datadir={folder}/data", $"--socket={folder}/s.sock", $"--pid-file={folder}/pid", $"--port={port}",
            "--bind-address=127.0.0.1", "--skip-name-resolve", "--character-set-server=utf8mb4", "--innodb-log-file-size=16M",
            "--innodb-buffer-pool-size=128M", "--innodb-flush-log-at-trx-commit=1", "--max-connections=600", $"--init-file={init}", .. more,
        ], port);
        await server.AnswersAsync();
        return server;
    }

    /// <summary>Kills it immediately, like a crash.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Restarts it with the same data and port.</summary>
    public Task StartAgainAsync()
    {
        _process.Dispose();
        _process = Start("mariadbd", _arguments);
        return AnswersAsync();
    }

    /// <summary>Suspends it, like a machine that hangs: connections stay open and nothing is answered.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Resumes it.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{signal} {_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    private async Task AnswersAsync()
    {
        await Eventually.HoldsAsync(async () =>
        {
            if (_process.HasExited) throw new InvalidOperationException($"mariadbd ended with {_process.ExitCode}: {await _process.StandardError.ReadToEndAsync()}");
            try
            {
                await using var connection = new MySqlConnection(ConnectionString + ";Pooling=false");
                await connection.OpenAsync();
                return true;
            }
            catch (MySqlException)
            {
                return false;
            }
        });
        // Read its log: a full pipe would block it.
        _ = _process.StandardError.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    internal static Process Start(string program, IEnumerable<string> arguments)
    {
        try
        {
            return ChildProcess.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (FileNotFoundException)
        {
            throw new InvalidOperationException($"{program} is not installed. These tests run on a real MariaDB: install mariadb-server, or run ./test.sh, which does.");
        }
    }

    internal static async Task RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}{error}");
    }
}

internal static class FreePort
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Waits for a condition.</summary>
internal static class Eventually
{
    /// <summary>The limit of a wait, so long that a busy machine does not reach it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public static async Task HoldsAsync(Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        var limit = patience ?? Patience;
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
                throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"What was waited for did not come within {limit.TotalSeconds} s."));
            await Task.Delay(20);
        }
    }
}
