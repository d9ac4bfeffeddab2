using System.Text;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>
/// The requests of <see cref="LegacyClient"/> get the same result as from Apache with PHP, on every kind of connection and in any split;
/// so does a call with raw bytes after them. Only on SQLite: connection handling does not depend on the database.
/// </summary>
internal sealed class LegacyClientTests() : PluginFixture(DatabaseKind.Sqlite)
{
    private static readonly byte[] Neighbour = RawConnection.Get(
        [.. Encoding.ASCII.GetBytes(TestServer.PluginPath + Call.Rules + "&x="), 0xD6, 0xB5]);

    private NginxProxy _nginx = null!;

    [OneTimeSetUp]
    public async Task StartNginxAsync() => _nginx = await NginxProxy.StartAsync(Server.Address);

    [OneTimeTearDown]
    public async Task StopNginxAsync()
    {
        if (_nginx is not null) await _nginx.DisposeAsync();
    }

    [Test]
    public void There_are_sixty_of_them() => Assert.That(LegacyClient.All.Count(client => client.Outcome != Outcome.Refused), Is.AtLeast(60));

    [TestCaseSource(typeof(LegacyClient), nameof(LegacyClient.All))]
    public Task On_a_connection_of_its_own(LegacyClient client) => AskAsync(Server.Address, client, before: false, [client.Bytes]);

    [TestCaseSource(typeof(LegacyClient), nameof(LegacyClient.All))]
    public Task On_a_kept_connection(LegacyClient client) => AskAsync(Server.Address, client, before: true, [Neighbour, client.Bytes]);

    [TestCaseSource(typeof(LegacyClient), nameof(LegacyClient.All))]
    public Task Pipelined(LegacyClient client) => AskAsync(Server.Address, client, before: true, [[.. Neighbour, .. client.Bytes]]);

    [TestCaseSource(typeof(LegacyClient), nameof(LegacyClient.All))]
    public Task Byte_by_byte(LegacyClient client) => AskAsync(Server.Address, client, before: false, [.. client.Bytes.Select(b => new[] { b })]);

    [TestCaseSource(typeof(LegacyClient), nameof(LegacyClient.All))]
    public async Task Split_in_the_middle_of_each_part(LegacyClient client)
    {
        var line = client.Bytes.AsSpan().IndexOf(" HTTP/1."u8);
        var head = client.Bytes.AsSpan().LastIndexOf("\r\n\r\n"u8);
        int[] cuts = [line / 2, line - 1, line + 9, line + 10, (line + head) / 2, head + 1, head + 3, (head + 4 + client.Bytes.Length) / 2];
        int[] ends = [.. cuts.Where(cut => cut > 0 && cut < client.Bytes.Length).Order().Distinct(), client.Bytes.Length];
        await AskAsync(Server.Address, client, before: false, [.. ends.Select((end, i) => client.Bytes[(i == 0 ? 0 : ends[i - 1])..end])]);
    }

    [TestCaseSource(typeof(LegacyClient), nameof(LegacyClient.All))]
    public async Task Behind_nginx_which_keeps_its_connection(LegacyClient client)
    {
        await AskAsync(_nginx.Address, client, before: false, [client.Bytes], isProxied: true);
        // Another client, on the same connection between nginx and the server.
        AssertList(await RawConnection.AskAsync(_nginx.Address, Neighbour));
    }

    private async Task AskAsync(Uri address, LegacyClient client, bool before, byte[][] pieces, bool isProxied = false)
    {
        Gateway.Requests.Clear();
        using var connection = await RawConnection.OpenAsync(address);
        foreach (var piece in pieces) await connection.SendAsync(piece);
        if (before) AssertList(await connection.ReadReplyAsync());
        AssertAnswer(client, await connection.ReadReplyAsync(hasBody: client.Outcome != Outcome.Head), isProxied);
        if (client.IsLast || isProxied) return;
        await connection.SendAsync(Neighbour);
        AssertList(await connection.ReadReplyAsync());
    }

    private void AssertAnswer(LegacyClient client, RawReply reply, bool isProxied)
    {
        // nginx itself refuses a lower-case method, and its location matches the script only without a path suffix.
        if (isProxied && (char.IsAsciiLetterLower(client.Text[0]) || client.Text.Contains("plugin.php/", StringComparison.Ordinal)))
        {
            Assert.That(reply.Status, Is.EqualTo(400).Or.EqualTo(404), reply.Head);
            return;
        }
        switch (client.Outcome)
        {
            case Outcome.List:
                AssertList(reply);
                break;
            case Outcome.Order:
                Assert.That(reply.Status, Is.EqualTo(200), reply.Head);
                Assert.That(reply.Body, Does.StartWith("""{"code":200,"result":"OK","count":1,"data":{"code_url":"""));
                Assert.That(Gateway.Requests.Single().Form["body"], Is.EqualTo(LegacyClient.Title));
                break;
            case Outcome.Head:
                Assert.That((reply.Status, reply.Body), Is.EqualTo((200, "")), reply.Head);
                Assert.That(reply.Head, Does.Match("Content-Length: [1-9][0-9]*\r\n").And.Contain("Content-Type: text/html; charset=utf-8"));
                break;
            default:
                Assert.That(reply.Status, Is.EqualTo(400), reply.Head);
                Assert.That(Gateway.Requests, Is.Empty);
                break;
        }
    }

    private static void AssertList(RawReply reply)
    {
        Assert.That(reply.Status, Is.EqualTo(200), reply.Head);
        Assert.That(reply.Body, Does.StartWith("""{"code":200,"result":"OK","count":"""));
    }
}
