using System.Net;
using System.Net.Sockets;
using MySqlConnector;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>The false result that a client gets for a commit that succeeded.</summary>
public enum CommitNews
{
    /// <summary>No result: the connection ends.</summary>
    ConnectionLost,
    /// <summary>Error 1180, as from a cluster node that lost its peers during the commit.</summary>
    Error1180,
}

/// <summary>A proxy between a server and its MariaDB that falsifies the result of a commit.</summary>
internal sealed class DatabaseProxy : IAsyncDisposable
{
    // Length, sequence number, error marker, 1180, SQL state, text.
    private static readonly byte[] Error = [14, 0, 0, 1, 0xFF, 0x9C, 0x04, .. "#HY000lost!"u8];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly MySqlConnectionStringBuilder _behind;
    private readonly Task _accepting;
    private CommitNews? _news;
    private int _falsified;

    public DatabaseProxy(Database behind)
    {
        _behind = new MySqlConnectionStringBuilder(behind.ConnectionString);
        _listener.Start();
        Database = new Database(DatabaseKind.MariaDb, new MySqlConnectionStringBuilder(behind.ConnectionString)
        {
            Port = (uint)((IPEndPoint)_listener.LocalEndpoint).Port,
            SslMode = MySqlSslMode.Disabled,
        }.ConnectionString);
        _accepting = AcceptAsync();
    }

    /// <summary>The database, reached through this proxy.</summary>
    public Database Database { get; }

    /// <summary>The number of commits with a falsified result.</summary>
    public int Falsified => _falsified;

    /// <summary>Lets the next commit reach the database, and sends the client a false result.</summary>
    public void FalsifyNextCommit(CommitNews news) => _news = news;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_ending.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(TcpClient accepted)
    {
        using var client = accepted;
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, (int)_behind.Port, _ending.Token);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        CommitNews? next = null;
        var toServer = PumpAsync(client, server, bytes =>
        {
            if (bytes.EndsWith("commit"u8) && _news is { } news) (next, _news) = (news, null);
            return bytes;
        }, over);
        var toClient = PumpAsync(server, client, bytes =>
        {
            if (next is not { } news) return bytes;
            next = null;
            Interlocked.Increment(ref _falsified);
            return news == CommitNews.Error1180 ? Error : [];
        }, over);
        await Task.WhenAll(toServer, toClient);
    }

    private delegate ReadOnlySpan<byte> Look(ReadOnlySpan<byte> bytes);

    // Ends the connection when either side does, or when there is nothing to pass on.
    private static async Task PumpAsync(TcpClient from, TcpClient to, Look look, CancellationTokenSource over)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.GetStream().ReadAsync(buffer, over.Token)) > 0)
            {
                var passed = look(buffer.AsSpan(0, read)).ToArray();
                if (passed.Length == 0) break;
                await to.GetStream().WriteAsync(passed, over.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
        }
        await over.CancelAsync();
    }
}
