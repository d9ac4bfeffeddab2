using System.Net;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MySqlConnector;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Bounds;

/// <summary>Every call of the admin API has a time limit.</summary>
[TestFixture]
internal sealed class AdminTimeoutTests
{
    [Test]
    public async Task Each_call_has_a_limit_and_the_audit_a_longer_one()
    {
        await using var database = await Database.CreateAsync(DatabaseKind.Sqlite);
        await using var server = TestServer.Start(database);
        var limits = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("api/admin", StringComparison.Ordinal))
            .ToLookup(e => e.Metadata.GetMetadata<RequestTimeoutAttribute>()?.PolicyName ?? "none", e => e.RoutePattern.RawText);
        Assert.That(limits.Select(l => l.Key), Is.EquivalentTo(new[] { "admin", "audit" }));
        Assert.That(limits["audit"], Is.EqualTo(new[] { "api/admin/audit" }));
        Assert.That(limits["admin"].Count(), Is.GreaterThan(15));
    }

    [Test]
    public async Task A_call_that_takes_too_long_is_ended_with_504()
    {
        await using var database = await Database.CreateAsync(DatabaseKind.MariaDb);
        await using var server = TestServer.Start(database, null, null, ("Admin:AuditSeconds", "1"));
        await using var blocker = new MySqlConnection(database.ConnectionString);
        await blocker.OpenAsync();
        await using var command = new MySqlCommand("LOCK TABLES Orders WRITE", blocker);
        await command.ExecuteNonQueryAsync();
        Assert.That((await server.AdminAsync(HttpMethod.Get, "audit")).Status, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        command.CommandText = "UNLOCK TABLES";
        await command.ExecuteNonQueryAsync();
        await Eventually.HoldsAsync(async () => (await server.AdminAsync(HttpMethod.Get, "audit")).Status == HttpStatusCode.OK);
    }
}
