using System.Net;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Bounds;

/// <summary>A balancer hears the truth about a server whose database goes and comes back, and the server needs no restart.</summary>
[TestFixture]
internal sealed class HealthTests
{
    private MariaDbServer _mariaDb = null!;
    private Database _database = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _mariaDb = await MariaDbServer.StartAsync();
        _database = await Database.CreateOnAsync(_mariaDb);
    }

    [TearDown]
    public async Task StopAsync() => await _mariaDb.DisposeAsync();

    [Test]
    public async Task A_database_that_was_killed_and_comes_back()
    {
        await using var server = TestServer.Start(_database);
        Assert.That(await StatusAsync(server, "ready"), Is.EqualTo(HttpStatusCode.OK));
        await _mariaDb.KillAsync();
        Assert.That(await StatusAsync(server, "ready"), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await StatusAsync(server, "live"), Is.EqualTo(HttpStatusCode.OK));
        await _mariaDb.StartAgainAsync();
        await Eventually.HoldsAsync(async () => await StatusAsync(server, "ready") == HttpStatusCode.OK);
        await server.PluginAsync("&action=payjs_kamis_list&key=123456");
    }

    [Test]
    public async Task A_database_that_hangs_and_goes_on()
    {
        await using var server = TestServer.Start(_database);
        Assert.That(await StatusAsync(server, "ready"), Is.EqualTo(HttpStatusCode.OK));
        await _mariaDb.FreezeAsync();
        try
        {
            Assert.That(await StatusAsync(server, "ready"), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(await StatusAsync(server, "live"), Is.EqualTo(HttpStatusCode.OK));
        }
        finally
        {
            await _mariaDb.ThawAsync();
        }
        await Eventually.HoldsAsync(async () => await StatusAsync(server, "ready") == HttpStatusCode.OK);
    }

    private static async Task<HttpStatusCode> StatusAsync(TestServer server, string what)
    {
        using var response = await server.Http.GetAsync("/health/" + what);
        return response.StatusCode;
    }
}
