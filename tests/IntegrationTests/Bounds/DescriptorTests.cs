using System.Net;
using PayRecharge.IntegrationTests.Contract;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Bounds;

/// <summary>A process with a low file limit rejects connections before it runs out of files.</summary>
[TestFixture]
internal sealed class DescriptorTests
{
    [Test]
    public async Task Idle_connections_do_not_take_the_files_that_the_process_needs()
    {
        await using var shop = await Shop.OpenAsync(DatabaseKind.Sqlite);
        await using var server = await ServerProcess.StartAfterAsync("ulimit -n 1024", shop.Database, shop.Gateway.Address);
        Assert.That(server.Output, Has.Some.Contains("The process may have only 1024 files and connections open, so it takes 512 connections at once"));

        var idle = new List<RawConnection>();
        try
        {
            // Three addresses open all connections they may have; other clients are still served.
            await IdleAsync(server, idle, [2, 3, 4]);
            Assert.That(await BuyAsync(server), Does.StartWith("{\"code\":200,"));
            // More addresses take all remaining connections.
            await IdleAsync(server, idle, [5, 6, 7, 8]);
            Assert.That(server.HasEnded, Is.False);
        }
        finally
        {
            idle.ForEach(c => c.Dispose());
        }
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                return (await BuyAsync(server)).StartsWith("{\"code\":200,", StringComparison.Ordinal);
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        Assert.That(server.HasEnded, Is.False);
    }

    private static async Task IdleAsync(ServerProcess server, List<RawConnection> idle, int[] hosts)
    {
        foreach (var host in hosts)
        {
            for (var i = 0; i < 400; i++) idle.Add(await RawConnection.OpenAsync(server.Http.BaseAddress!, $"127.0.0.{host}"));
        }
    }

    private static async Task<string> BuyAsync(ServerProcess server)
    {
        using var response = await server.Http.GetAsync($"{TestServer.PluginPath}&action=payjs_credit&credits=2&money=1&username=buyer&body=b&key={Shop.TransportKey}");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return await response.Content.ReadAsStringAsync();
    }
}
