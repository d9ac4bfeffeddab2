using System.Net.Sockets;
using System.Text;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>A target that a proxy could read differently is refused over HTTP/2 too.</summary>
[TestFixture]
internal sealed class Http2Tests
{
    // HPACK encodes these statuses in one byte (RFC 7541, appendix A).
    private const byte Ok = 0x88, BadRequest = 0x8C;

    [TestCase("/health/live", Ok)]
    [TestCase("/plugin.php#/../health/live", BadRequest)]
    [TestCase("/health/live#", BadRequest)]
    [TestCase("/api/admin/settings#x", BadRequest)]
    public async Task A_target_with_a_number_sign_is_refused(string path, byte status)
    {
        await using var database = await Database.CreateAsync(DatabaseKind.Sqlite);
        await using var server = TestServer.Start(database, more: ("Kestrel:EndpointDefaults:Protocols", "Http2"));
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await using var stream = client.GetStream();
        // GET and http as indexes; the path and the authority as literals.
        byte[] headers = [0x82, 0x86, 0x04, (byte)path.Length, .. Encoding.ASCII.GetBytes(path), 0x01, 1, (byte)'x'];
        await stream.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(type: 4, flags: 0, stream: 0, []), .. Frame(type: 1, flags: 5, stream: 1, headers)]);
        Assert.That(await FirstOfHeadersAsync(stream), Is.EqualTo(status));
    }

    private static byte[] Frame(byte type, byte flags, byte stream, byte[] payload) => [0, 0, (byte)payload.Length, type, flags, 0, 0, 0, stream, .. payload];

    private static async Task<byte> FirstOfHeadersAsync(NetworkStream stream)
    {
        var head = new byte[9];
        while (true)
        {
            await stream.ReadExactlyAsync(head);
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await stream.ReadExactlyAsync(payload);
            if (head[3] == 1) return payload[0];
        }
    }
}
