using System.Net;
using System.Net.Sockets;

namespace PayRecharge.Benchmarks;

/// <summary>
/// A relay in front of MariaDB that counts round trips: each time a client sends after the server has sent, whatever the number of
/// statements. Connecting takes round trips too, so the count starts when all connections are open.
/// </summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly int _target;
    private long _trips;

    public Relay(int target)
    {
        _target = target;
        _listener.Start(backlog: 512);
        _ = AcceptAsync();
    }

    public uint Port => (uint)((IPEndPoint)_listener.LocalEndpoint).Port;

    public long Trips => Interlocked.Read(ref _trips);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = CarryAsync(await _listener.AcceptTcpClientAsync(_over.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _over.Token);
                client.NoDelay = server.NoDelay = true;
                var answered = 1;
                await Task.WhenAny(
                    PumpAsync(client.GetStream(), server.GetStream(), () => Interlocked.Add(ref _trips, Interlocked.Exchange(ref answered, 0))),
                    PumpAsync(server.GetStream(), client.GetStream(), () => Interlocked.Exchange(ref answered, 1)));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // The relay or MariaDB has stopped.
            }
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Action spoken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            for (int length; (length = await from.ReadAsync(buffer, _over.Token)) > 0;)
            {
                spoken();
                await to.WriteAsync(buffer.AsMemory(0, length), _over.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Either direction ends the connection.
        }
    }
}
