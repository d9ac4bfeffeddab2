using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>A gateway that accepts connections, reads a request, and then runs the test's action on the raw socket.</summary>
internal sealed class BrokenGateway : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private Task _accepting = Task.CompletedTask;

    private BrokenGateway() { }

    public static BrokenGateway Start()
    {
        var gateway = new BrokenGateway();
        gateway._listener.Start();
        gateway._accepting = gateway.AcceptAsync();
        return gateway;
    }

    public string EndPoint => _listener.LocalEndpoint.ToString()!;

    /// <summary>The action after a request was read. The connection is closed afterwards.</summary>
    public Func<Socket, CancellationToken, Task> Do { get; set; } = (_, _) => Task.CompletedTask;

    public static Func<Socket, CancellationToken, Task> Send(params string[] lines) =>
        (socket, cancel) => SendAsync(socket, Encoding.Latin1.GetBytes(string.Join("\r\n", lines)), cancel);

    public static async Task SendAsync(Socket socket, byte[] bytes, CancellationToken cancellationToken) =>
        await socket.SendAsync(bytes, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true) serving.Add(ServeAsync(await _listener.AcceptSocketAsync(_over.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                // The request ends with its signature, in one packet or several.
                var heard = new StringBuilder();
                var buffer = new byte[8192];
                while (!heard.ToString().Contains("sign=", StringComparison.Ordinal))
                {
                    var length = await socket.ReceiveAsync(buffer, _over.Token);
                    if (length == 0) return;
                    heard.Append(Encoding.Latin1.GetString(buffer, 0, length));
                    // A TLS handshake has no form; it is answered immediately.
                    if (buffer[0] == 0x16) break;
                }
                await Do(socket, _over.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // The server closed the connection, or the test is over.
            }
        }
    }
}
