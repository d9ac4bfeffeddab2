using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Infrastructure;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>The admin key that is drawn where none is configured.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class AdminKeyTests(DatabaseKind kind)
{
    [Test]
    public async Task One_key_is_drawn_into_a_file_of_its_owners_and_stored_as_a_hash()
    {
        var folder = Directory.CreateTempSubdirectory("payrecharge-key-").FullName;
        await using var database = await Database.CreateAsync(kind);
        await using var server = TestServer.Start(database, gateway: null, clock: null, ("Admin:ApiKey", ""), ("Data:Folder", folder));
        // Instances that start at once: one wins, and all take its key.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.Services.SetUpAsync(folder)));

        var file = Directory.GetFiles(folder, "admin-key-*").Single();
        if (!OperatingSystem.IsWindows()) Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        var key = (await File.ReadAllTextAsync(file)).Trim();
        Assert.That(server.Services.GetRequiredService<AdminKey>().Matches(key));
        Assert.That(server.Services.GetRequiredService<AdminKey>().Matches(""), Is.False);
        var row = await server.WithDbAsync(db => db.Settings.AsNoTracking().SingleAsync());
        Assert.That(row.AdminKeyHash, Is.Not.Null.And.Not.EqualTo(key));
        Assert.That(row.Document, Does.Not.Contain(key));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/admin/settings");
        request.Headers.Authorization = new("Bearer", key);
        using var response = await server.Http.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Directory.Delete(folder, recursive: true);
    }
}
