using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Bounds;

/// <summary>The admin API's description and its page are cheap to serve and, in live mode, need the admin key.</summary>
[TestFixture]
internal sealed class ApiPagesTests
{
    private static readonly string[] Pages = ["/openapi/v1.json", "/docs/", "/docs/scalar.js", "/docs/scalar.aspnetcore.js"];
    private static readonly Uri Gateway = new("http://127.0.0.1:9/api");

    private Database _database = null!;

    [SetUp]
    public async Task CreateAsync() => _database = await Database.CreateAsync(DatabaseKind.Sqlite);

    [TearDown]
    public async Task DropAsync() => await _database.DisposeAsync();

    [Test]
    public async Task In_live_mode_the_pages_need_the_key_which_a_browser_sends_as_a_password()
    {
        await using var server = TestServer.Start(_database, Gateway);
        foreach (var page in Pages)
        {
            using var without = await AskAsync(server, page);
            Assert.That(without.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), page);
            Assert.That(without.Headers.WwwAuthenticate.Single().Scheme, Is.EqualTo("Basic"), "a browser then asks for a password");
            using var bearer = await AskAsync(server, page, new("Bearer", TestServer.AdminKey));
            Assert.That(bearer.StatusCode, Is.EqualTo(HttpStatusCode.OK), page);
            using var password = await AskAsync(server, page, Password(TestServer.AdminKey));
            Assert.That(password.StatusCode, Is.EqualTo(HttpStatusCode.OK), page);
        }
        using var api = await AskAsync(server, "/api/admin/settings", Password(TestServer.AdminKey));
        Assert.That(api.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), "a browser would send the password for any site that links here");
        Assert.That(api.Headers.WwwAuthenticate.Single().Scheme, Is.EqualTo("Bearer"));
        foreach (var wrong in new[] { Password("wrong"), new("Basic", "no base64"), new("Basic", ""), new("Basic", Convert.ToBase64String([0xff, 0xfe])) })
        {
            using var refused = await AskAsync(server, "/docs/", wrong);
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), wrong.ToString());
        }
    }

    [Test]
    public async Task The_owner_can_open_the_pages_and_the_sandbox_has_them_open()
    {
        await using (var open = TestServer.Start(_database, Gateway, null, ("Admin:PublicDocs", "true"))) await AssertOpenAsync(open);
        await using var database = await Database.CreateAsync(DatabaseKind.Sqlite);
        await using var sandbox = TestServer.Start(database);
        await AssertOpenAsync(sandbox);
    }

    [Test]
    public async Task The_description_is_made_once_whoever_asks_and_is_packed_for_those_who_can_unpack()
    {
        await using var server = TestServer.Start(_database);
        var made = 0;
        server.Services.GetRequiredService<IOptionsMonitor<OpenApiOptions>>().Get("v1").AddDocumentTransformer((_, _, _) =>
        {
            made++;
            return Task.CompletedTask;
        });
        using var first = await AskAsync(server, "/openapi/v1.json", host: "evil.example");
        var text = await first.Content.ReadAsStringAsync();
        Assert.That(text, Does.Not.Contain("evil"), "the reader sends the key to the server that the description names");
        Assert.That((string?)JsonNode.Parse(text)!["info"]!["version"], Is.EqualTo(typeof(Program).Assembly.GetName().Version!.ToString(3)));
        using var packed = await AskAsync(server, "/openapi/v1.json?x=1", encoding: "gzip");
        Assert.That(packed.Content.Headers.ContentEncoding, Is.EqualTo(new[] { "gzip" }));
        var bytes = await packed.Content.ReadAsByteArrayAsync();
        Assert.That(bytes, Has.Length.LessThan(text.Length / 3));
        using var unpacked = new StreamReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
        Assert.That(await unpacked.ReadToEndAsync(), Is.EqualTo(text));
        Assert.That(made, Is.EqualTo(1));
    }

    [TestCase(null)]
    [TestCase("identity")]
    [TestCase("br")]
    public async Task The_pages_script_is_never_unpacked_here(string? encoding)
    {
        await using var server = TestServer.Start(_database);
        using var script = await AskAsync(server, "/docs/scalar.js", encoding: encoding);
        Assert.That(script.Content.Headers.ContentEncoding, Is.EqualTo(new[] { "gzip" }));
        Assert.That(await script.Content.ReadAsByteArrayAsync(), Has.Length.LessThan(2_000_000));
    }

    private static async Task AssertOpenAsync(TestServer server)
    {
        foreach (var page in Pages)
        {
            using var response = await AskAsync(server, page);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), page);
        }
    }

    private static AuthenticationHeaderValue Password(string key) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:" + key)));

    private static async Task<HttpResponseMessage> AskAsync(
        TestServer server, string path, AuthenticationHeaderValue? authorization = null, string? encoding = null, string? host = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = authorization;
        request.Headers.Host = host;
        if (encoding is not null) request.Headers.Add("Accept-Encoding", encoding);
        return await server.Http.SendAsync(request);
    }
}
