using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PayRecharge.Chaos;

/// <summary>A TCP relay that can be cut: a balancer before the servers, or a server's link to the database.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, byte> _open = [];
    private readonly Task _accepting;
    private int _next;
    private int _cutReplies;

    public Relay(params int[] targets)
    {
        Targets = targets;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>The ports behind it; each connection goes to the next port that accepts it.</summary>
    public int[] Targets { get; set; }

    /// <summary>Cuts all open connections.</summary>
    public int Cut()
    {
        var sockets = _open.Keys.ToList();
        foreach (var socket in sockets) Close(socket);
        return sockets.Count;
    }

    /// <summary>Passes half of each of the next replies, then cuts the connection.</summary>
    public void CutReplies(int count) => Interlocked.Exchange(ref _cutReplies, count);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Cut();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = JoinAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task JoinAsync(Socket client)
    {
        if (await ConnectAsync() is not { } target)
        {
            Close(client);
            return;
        }
        _open[client] = _open[target] = 0;
        client.NoDelay = target.NoDelay = true;
        await Task.WhenAny(PumpAsync(client, target, isReply: false), PumpAsync(target, client, isReply: true));
        Close(client);
        Close(target);
    }

    private async Task<Socket?> ConnectAsync()
    {
        var targets = Targets;
        foreach (var _ in targets)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, targets[(Interlocked.Increment(ref _next) & int.MaxValue) % targets.Length]);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }
        return null;
    }

    private async Task PumpAsync(Socket from, Socket to, bool isReply)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var length)
            {
                var cut = isReply && Volatile.Read(ref _cutReplies) > 0 && Interlocked.Decrement(ref _cutReplies) >= 0;
                await to.SendAsync(buffer.AsMemory(0, cut ? length / 2 : length));
                if (cut) return;
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // One side has closed; the other is closed next.
        }
    }

    // Resets the connection, as if a cable were pulled.
    private void Close(Socket socket)
    {
        _open.TryRemove(socket, out _);
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Already closed.
        }
        socket.Dispose();
    }
}
