using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using MySqlConnector;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>A MariaDB Galera cluster of three nodes at 127.0.0.1, .2 and .3. Each node can be killed; all are deleted at the end.</summary>
internal sealed class GaleraCluster : IAsyncDisposable
{
    public const int Nodes = 3;

    private static readonly string[] Libraries =
        ["/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so", "/usr/lib64/galera/libgalera_smm.so"];

    private readonly string _folder = Directory.CreateTempSubdirectory("payrecharge-galera-").FullName;
    private readonly Process?[] _processes = new Process?[Nodes];
    private readonly int _port = CommonPort();

    private GaleraCluster()
    {
    }

    public static async Task<GaleraCluster> StartAsync()
    {
        var library = Array.Find(Libraries, File.Exists)
            ?? throw new InvalidOperationException("Galera is not installed. Install galera-4, mariadb-server, rsync and lsof, or run ./test.sh, which does.");
        var cluster = new GaleraCluster();
        try
        {
            await cluster.PrepareAsync(library);
            cluster.Start(0, ["--wsrep-new-cluster", $"--init-file={cluster._folder}/init.sql"]);
            await cluster.UntilSyncedAsync(0);
            for (var node = 1; node < Nodes; node++) cluster.Start(node, []);
            await Task.WhenAll(Enumerable.Range(1, Nodes - 1).Select(cluster.UntilSyncedAsync));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The database for an instance that uses the given node first and fails over to the others.</summary>
    public Database DatabaseBy(int node) => new(DatabaseKind.MariaDb, new MySqlConnectionStringBuilder
    {
        Server = string.Join(',', Enumerable.Range(0, Nodes).Select(i => AddressOf((node + i) % Nodes))),
        Port = (uint)_port,
        UserID = "test",
        Password = "test",
        Database = "payrecharge",
        LoadBalance = MySqlLoadBalance.FailOver,
        MaximumPoolSize = 32,
    }.ConnectionString);

    /// <summary>Sends SIGKILL.</summary>
    public async Task KillAsync(int node)
    {
        _processes[node]!.Kill();
        await _processes[node]!.WaitForExitAsync();
    }

    /// <summary>Restarts a killed node at its last position, as a system service would, and waits until it is in sync.</summary>
    public async Task RestartAsync(int node)
    {
        using (var recovery = MariaDbServer.Start("mariadbd", [$"--defaults-file={FileOf(node, "cnf")}", "--wsrep-recover", $"--log-error={FileOf(node, "recovery")}"]))
            await recovery.WaitForExitAsync();
        var position = Regex.Match(await File.ReadAllTextAsync(FileOf(node, "recovery")), "Recovered position: *(\\S+)").Groups[1].Value;
        Start(node, [$"--wsrep-start-position={position}"]);
        await UntilSyncedAsync(node);
    }

    /// <summary>A status counter of a node.</summary>
    public async Task<long> StatusAsync(int node, string name) => long.Parse(await ReadStatusAsync(node, name), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            // The process that copies a node's data to another is its child.
            process?.Kill(entireProcessTree: true);
            if (process is not null) await process.WaitForExitAsync();
            process?.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }

    private async Task PrepareAsync(string library)
    {
        // As root the nodes use another user, because the program that copies data refuses to run as root; any other user is kept.
        var user = Environment.UserName == "root" ? "mysql" : Environment.UserName;
        string[] switching = user == "mysql" ? ["--user=mysql"] : [];
        if (user == "mysql") await MariaDbServer.RunAsync("chown", ["mysql", _folder]);
        await MariaDbServer.RunAsync("mariadb-install-db",
            ["--no-defaults", .. switching, $"--datadir={_folder}/empty", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]);
        await File.WriteAllTextAsync(Path.Combine(_folder, "init.sql"),
            "CREATE USER IF NOT EXISTS test@'127.0.0.%' IDENTIFIED BY 'test';\nGRANT ALL ON *.* TO test@'127.0.0.%';\nCREATE DATABASE IF NOT EXISTS payrecharge CHARACTER SET utf8mb4;");
        var (group, state, increments) = (CommonPort(), CommonPort(), CommonPort());
        for (var node = 0; node < Nodes; node++)
        {
            await MariaDbServer.RunAsync("cp", ["-a", $"{_folder}/empty", FileOf(node, "data")]);
            await File.WriteAllTextAsync(FileOf(node, "cnf"), $"""
                [mariadbd]
                {(user == "mysql" ? "user=mysql" : "")}
                datadir={FileOf(node, "data")}
                socket={FileOf(node, "sock")}
                pid-file={FileOf(node, "pid")}
                log-error={FileOf(node, "log")}
                bind-address={AddressOf(node)}
                port={_port}
                skip-name-resolve
                character-set-server=utf8mb4
                performance-schema=OFF
                innodb_buffer_pool_size=64M
                innodb_log_file_size=16M
                innodb_flush_log_at_trx_commit=2
                innodb_autoinc_lock_mode=2
                binlog_format=ROW
                default_storage_engine=InnoDB
                wsrep_on=ON
                wsrep_provider={library}
                wsrep_cluster_name=test
                wsrep_cluster_address=gcomm://{string.Join(',', Enumerable.Range(0, Nodes).Select(i => $"{AddressOf(i)}:{group}"))}
                wsrep_node_name=node{node}
                wsrep_node_address={AddressOf(node)}
                wsrep_sst_method=rsync
                wsrep_sst_receive_address={AddressOf(node)}:{state}
                wsrep_sync_wait=1
                wsrep_provider_options="gmcast.listen_addr=tcp://{AddressOf(node)}:{group};ist.recv_addr={AddressOf(node)}:{increments};gcache.size=32M;pc.recovery=FALSE;evs.keepalive_period=PT0.5S;evs.inactive_check_period=PT0.5S;evs.suspect_timeout=PT5S;evs.inactive_timeout=PT15S"
                """);
        }
    }

    private void Start(int node, string[] more)
    {
        var process = MariaDbServer.Start("mariadbd", [$"--defaults-file={FileOf(node, "cnf")}", .. more]);
        // The log is a file; output before it is opened must be read, or a full pipe blocks the node.
        _ = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        _processes[node]?.Dispose();
        _processes[node] = process;
    }

    private Task UntilSyncedAsync(int node) => Eventually.HoldsAsync(async () =>
    {
        if (_processes[node]!.HasExited) throw new InvalidOperationException($"node {node} ended: {await File.ReadAllTextAsync(FileOf(node, "log"))}");
        try
        {
            return await ReadStatusAsync(node, "wsrep_local_state_comment") == "Synced" && await ReadStatusAsync(node, "wsrep_ready") == "ON";
        }
        catch (MySqlException)
        {
            return false;
        }
    });

    private async Task<string> ReadStatusAsync(int node, string name)
    {
        await using var connection = new MySqlConnection($"Server={AddressOf(node)};Port={_port};User ID=test;Password=test;Pooling=false");
        await connection.OpenAsync();
        await using var command = new MySqlCommand($"SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = '{name}'", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private string FileOf(int node, string what) => Path.Combine(_folder, $"node{node}.{what}");

    private static string AddressOf(int node) => $"127.0.0.{node + 1}";

    // A port that is free at all three addresses, and below the range for outgoing connections.
    private static int CommonPort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(10_000, 32_000);
            if (Enumerable.Range(0, Nodes).All(node => IsFree(AddressOf(node), port))) return port;
        }
    }

    private static bool IsFree(string address, int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Parse(address), port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
