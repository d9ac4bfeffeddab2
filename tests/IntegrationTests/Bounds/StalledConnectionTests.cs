using System.Globalization;
using System.Text;
using PayRecharge.IntegrationTests.Contract;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Bounds;

/// <summary>A connection that sends most of a request and then stalls uses little of the server's memory.</summary>
[TestFixture]
internal sealed class StalledConnectionTests
{
    private const int Connections = 250;

    /// <summary>The limit for a stalled connection in bytes, several times the expected use.</summary>
    private const int MostEach = 700_000;

    private const int Megabyte = 1 << 20;
    private const string Form = "application/x-www-form-urlencoded", Multipart = "multipart/form-data; boundary=b";

    private Database _database = null!;
    private ScriptedGateway _gateway = null!;
    private ServerProcess _server = null!;
    private long _before;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _database = await Database.CreateAsync(DatabaseKind.Sqlite);
        _gateway = await ScriptedGateway.StartAsync();
        _server = await ServerProcess.StartAsync(_database, _gateway.Address);
        // Warm up each kind once, so that one-time costs are not counted for all.
        foreach (var kind in Kinds()) using (await StallAsync((byte[])kind.Arguments[0]!)) { }
        _before = Memory();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        await _gateway.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static IEnumerable<TestCaseData> Kinds()
    {
        yield return new TestCaseData(Encoding.ASCII.GetBytes("GET /plugin.php?x=" + new string('x', 90_000))).SetArgDisplayNames("a request line");
        yield return new TestCaseData(Encoding.ASCII.GetBytes("GET /plugin.php HTTP/1.1\r\nHost: x\r\nX: " + new string('x', 31_000))).SetArgDisplayNames("headers");
        yield return Post("a form of 1 MiB", "/plugin.php", Form, Megabyte);
        yield return Post("a form of the most that is read", "/plugin.php", Form, 64 * 1024);
        yield return Post("a multipart body of 1 MiB", "/plugin.php", Multipart, Megabyte);
        yield return Post("a multipart body of the most that is read", "/plugin.php", Multipart, 128 * 1024);
        yield return Post("a notice of 1 MiB", "/payjs/notify", Form, Megabyte);
        yield return Post("a notice of the most that is read", "/payjs/notify", Form, 8 * 1024);
        yield return Post("an admin's body without the key", "/api/admin/settings", "application/json", Megabyte);
    }

    [TestCaseSource(nameof(Kinds))]
    public async Task A_stalled_connection_holds_little_memory(byte[] request)
    {
        var stalled = new List<RawConnection>();
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Connections), new ParallelOptions { MaxDegreeOfParallelism = 25 }, async (_, _) =>
            {
                var connection = await StallAsync(request);
                lock (stalled) stalled.Add(connection);
            });
            // The server may read later than we send, so take the maximum over a while.
            var most = 0L;
            for (var look = 0; look < 20; look++)
            {
                most = Math.Max(most, Memory());
                await Task.Delay(100);
            }
            Assert.That((most - _before) / Connections, Is.LessThan(MostEach));
        }
        finally
        {
            stalled.ForEach(c => c.Dispose());
        }
        using var live = await _server.Http.GetAsync("/health/live");
        Assert.That(live.IsSuccessStatusCode);
    }

    /// <summary>Sends a request without its last byte; the server may close the connection earlier.</summary>
    private async Task<RawConnection> StallAsync(byte[] request)
    {
        var connection = await RawConnection.OpenAsync(_server.Http.BaseAddress!);
        await connection.SendAsync(request);
        return connection;
    }

    private static TestCaseData Post(string name, string path, string type, int length)
    {
        var body = type == Multipart ? "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n" : "x=";
        return new TestCaseData(Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{(path.StartsWith("/api", StringComparison.Ordinal) ? "PUT" : "POST")} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {type}\r\nContent-Length: {length}\r\n\r\n")
            + body.PadRight(length - 1, 'x'))).SetArgDisplayNames(name);
    }

    /// <summary>The process's resident memory, in bytes.</summary>
    private long Memory() => 1024 * long.Parse(
        File.ReadLines($"/proc/{_server.Id}/status").Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
}
