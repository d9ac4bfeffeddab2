using System.Net;
using System.Net.Http.Headers;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Bounds;

/// <summary>With an admin address, the admin API and its pages are served only there.</summary>
[TestFixture]
internal sealed class AdminAddressTests
{
    private readonly Uri _public = new($"http://127.0.0.1:{FreePort.Next()}"), _admin = new($"http://127.0.0.1:{FreePort.Next()}");
    private Database _database = null!;

    [SetUp]
    public async Task CreateAsync() => _database = await Database.CreateAsync(DatabaseKind.Sqlite);

    [TearDown]
    public async Task DropAsync() => await _database.DisposeAsync();

    [TestCase("/api/admin/settings")]
    [TestCase("/api/admin/orders")]
    [TestCase("/docs/")]
    [TestCase("/openapi/v1.json")]
    public async Task What_is_for_admins_is_hidden_from_the_public_address(string path)
    {
        await using var server = Start();
        Assert.That(await StatusAsync(_admin, path), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(_public, path), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await StatusAsync(_public, path, host: _admin.Authority), Is.EqualTo(HttpStatusCode.NotFound), "a Host header can be anybody's");
    }

    [TestCase("/health/live")]
    [TestCase("/health/ready")]
    [TestCase(TestServer.PluginPath)]
    public async Task What_is_for_everybody_stays_on_the_public_address(string path)
    {
        await using var server = Start();
        Assert.That(await StatusAsync(_public, path), Is.EqualTo(HttpStatusCode.OK));
    }

    // Slashes are merged only for the plugin and the notification, so that no other path leads past a proxy's rule for /api/.
    [TestCase("//api/admin/settings")]
    [TestCase("/plugin.php//api/admin/settings")]
    public async Task No_doubled_slash_leads_to_the_admin_API(string path)
    {
        await using var server = TestServer.Start(_database);
        var reply = await Contract.RawConnection.AskAsync(server.Address, System.Text.Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TestServer.AdminKey}\r\n\r\n"));
        Assert.That(reply.Body, Does.Not.Contain("pluginEnabled"));
    }

    [Test]
    public async Task Endpoints_of_the_configuration_and_ports_alone_get_an_admin_address_beside_them()
    {
        await using (var server = Start(("urls", ""), ("Kestrel:Endpoints:Public:Url", _public.ToString())))
        {
            Assert.That(await StatusAsync(_admin, "/api/admin/settings"), Is.EqualTo(HttpStatusCode.OK));
            Assert.That(await StatusAsync(_public, "/api/admin/settings"), Is.EqualTo(HttpStatusCode.NotFound));
        }
        await using (var server = Start(("urls", ""), ("http_ports", _public.Port.ToString(System.Globalization.CultureInfo.InvariantCulture))))
        {
            Assert.That(await StatusAsync(_admin, "/api/admin/settings"), Is.EqualTo(HttpStatusCode.OK));
            Assert.That(await StatusAsync(_public, TestServer.PluginPath), Is.EqualTo(HttpStatusCode.OK));
        }
    }

    [TestCase("127.0.0.1:5081")]
    [TestCase("http://127.0.0.1:5081/admin")]
    [TestCase("http://127.0.0.1:5081;ftp://127.0.0.1")]
    public void What_is_no_address_ends_the_start(string urls) =>
        Assert.That(() => Start(("Admin:Urls", urls)), Throws.InvalidOperationException.With.Message.Contains("Admin:Urls"));

    [TestCase("http://127.0.0.3:{0}", false)]
    [TestCase("http://*:{0}", false)]
    [TestCase("http://*:{0}", true)]
    public void A_port_that_is_open_to_everybody_is_none_for_admins(string urls, bool asEndpoint)
    {
        var open = string.Format(System.Globalization.CultureInfo.InvariantCulture, urls, _admin.Port);
        Assert.That(() => asEndpoint ? Start(("urls", ""), ("Kestrel:Endpoints:Public:Url", open)) : Start(("urls", open)),
            Throws.InvalidOperationException.With.Message.Contains("a port of their own"));
    }

    private TestServer Start(params (string Name, string Value)[] more) =>
        TestServer.Start(_database, more: [("urls", _public.ToString()), ("Admin:Urls", _admin.ToString()), .. more]);

    private static async Task<HttpStatusCode> StatusAsync(Uri address, string path, string? host = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestServer.AdminKey);
        request.Headers.Host = host;
        using var http = new HttpClient();
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }
}
