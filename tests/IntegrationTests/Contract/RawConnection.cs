using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>A reply as received from the socket.</summary>
internal sealed record RawReply(int Status, string Head, string Body);

/// <summary>A plain socket to the server. It sends exact bytes, which HTTP clients would change or refuse.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    private readonly TcpClient _client = new();
    private readonly List<byte> _received = [];
    private NetworkStream _stream = null!;

    /// <summary>Connects.</summary>
    /// <param name="server">The server.</param>
    /// <param name="from">The local address; null: the system chooses.</param>
    public static async Task<RawConnection> OpenAsync(Uri server, string? from = null)
    {
        var connection = new RawConnection();
        if (from is not null) connection._client.Client.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await connection._client.ConnectAsync(server.Host, server.Port);
        connection._client.NoDelay = true;
        connection._stream = connection._client.GetStream();
        return connection;
    }

    /// <summary>Sends one request on a new connection.</summary>
    public static async Task<RawReply> AskAsync(Uri server, byte[] request)
    {
        using var connection = await OpenAsync(server);
        await connection.SendAsync(request);
        return await connection.ReadReplyAsync();
    }

    /// <summary>A GET whose target contains these exact bytes.</summary>
    public static byte[] Get(byte[] target) => [.. "GET "u8, .. target, .. " HTTP/1.1\r\nHost: localhost\r\n\r\n"u8];

    /// <summary>A GET whose target is ASCII.</summary>
    public static byte[] Get(string target) => Get(Encoding.ASCII.GetBytes(target));

    /// <summary>A POST with these exact bytes as its body; without a content type the header is omitted.</summary>
    public static byte[] Post(string target, string? contentType, byte[] body) =>
    [
        .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"POST {target} HTTP/1.1\r\nHost: localhost\r\n{(contentType is null ? "" : $"Content-Type: {contentType}\r\n")}Content-Length: {body.Length}\r\n\r\n")),
        .. body,
    ];

    /// <summary>A POST of a form.</summary>
    public static byte[] Post(string target, byte[] form) => Post(target, "application/x-www-form-urlencoded", form);

    /// <summary>Sends bytes; if the server closes the connection, its reply has the reason.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes);
        }
        catch (IOException)
        {
        }
    }

    /// <summary>Whether bytes of a reply wait in the socket.</summary>
    public bool HasReply => _client.Available > 0;

    /// <summary>Closes the sending side.</summary>
    public void Finish() => _client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Reads the next reply of the connection and skips a 100 (Continue).</summary>
    public async Task<RawReply> ReadReplyAsync(bool hasBody = true)
    {
        var head = Encoding.ASCII.GetString(await ReadUntilAsync("\r\n\r\n"));
        if (head.StartsWith("HTTP/1.1 100 ", StringComparison.Ordinal)) head = Encoding.ASCII.GetString(await ReadUntilAsync("\r\n\r\n"));
        var body = !hasBody ? [] : head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase)
            ? await ReadChunksAsync()
            : await ReadAsync(LengthIn(head));
        return new RawReply(int.Parse(head.Split(' ')[1], CultureInfo.InvariantCulture), head, Encoding.UTF8.GetString(body));
    }

    /// <summary>Reads to the end of the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        while (await FillAsync()) { }
        return Encoding.UTF8.GetString(_received.ToArray());
    }

    public void Dispose() => _client.Dispose();

    private static int LengthIn(string head) => head.Split("\r\n")
        .Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
        .Select(line => int.Parse(line.Split(':')[1], CultureInfo.InvariantCulture)).SingleOrDefault();

    private async Task<byte[]> ReadChunksAsync()
    {
        var body = new List<byte>();
        while (true)
        {
            var length = int.Parse(Encoding.ASCII.GetString(await ReadUntilAsync("\r\n")).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.AddRange(await ReadAsync(length));
            await ReadUntilAsync("\r\n");
            if (length == 0) return [.. body];
        }
    }

    private async Task<byte[]> ReadUntilAsync(string end)
    {
        while (true)
        {
            var at = Encoding.Latin1.GetString(_received.ToArray()).IndexOf(end, StringComparison.Ordinal);
            if (at >= 0) return await ReadAsync(at + end.Length);
            if (!await FillAsync()) throw new EndOfStreamException($"The connection ended after: {Encoding.Latin1.GetString(_received.ToArray())}");
        }
    }

    private async Task<byte[]> ReadAsync(int length)
    {
        while (_received.Count < length)
        {
            if (!await FillAsync()) throw new EndOfStreamException("The connection ended in the middle of a reply.");
        }
        var bytes = _received.GetRange(0, length).ToArray();
        _received.RemoveRange(0, length);
        return bytes;
    }

    private async Task<bool> FillAsync()
    {
        var buffer = new byte[16 * 1024];
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            var read = await _stream.ReadAsync(buffer, limit.Token);
            _received.AddRange(buffer.AsSpan(0, read));
            return read > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
