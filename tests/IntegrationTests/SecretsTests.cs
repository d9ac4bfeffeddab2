using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>What an attacker finds in a stolen database or server folder.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class SecretsTests(DatabaseKind kind)
{
    private static readonly string[] Secrets = [ScriptedGateway.Key, Shop.TransportKey, "AnotherKey000002"];

    [Test]
    public async Task The_database_holds_no_secret_in_plain_text()
    {
        await using var shop = await Shop.OpenAsync(kind);
        await shop.Server.SaveSettingsAsync(new { merchantKey = "AnotherKey000002" });
        var document = await DocumentAsync(shop.Server);
        foreach (var secret in Secrets) Assert.That(document, Does.Not.Contain(secret));
        Assert.That(document, Does.Contain(ScriptedGateway.Merchant), "what is no secret stays readable");
        Assert.That((string)(await shop.Server.PluginAsync($"&action=payjs_kamis_list&key={Shop.TransportKey}"))["result"]!, Is.EqualTo("OK"));
    }

    [Test]
    public async Task Secrets_that_an_older_version_stored_are_encrypted_at_the_next_start()
    {
        await using var database = await Database.CreateAsync(kind);
        await using (var server = TestServer.Start(database))
        {
            var plain = """
                {"Version":1,"Mode":1,"PluginEnabled":true,"GatewayEnabled":true,"Merchant":{"Id":"1600000001","Key":"sandbox-key","RetiredAt":null},
                "RetiredMerchants":[{"Id":"1600000001","Key":"AnotherKey000002","RetiredAt":"2026-11-01T00:00:00+00:00"}],"TransportKey":"an-old-key"}
                """;
            await server.WithDbAsync(db => db.Settings.ExecuteUpdateAsync(r => r.SetProperty(x => x.Document, plain)));
        }
        await using var next = TestServer.Start(database);
        var document = await DocumentAsync(next);
        foreach (var secret in new[] { "sandbox-key", "AnotherKey000002", "an-old-key" }) Assert.That(document, Does.Not.Contain(secret));
        Assert.That((string)(await next.PluginAsync("&action=payjs_kamis_list&key=an-old-key"))["result"]!, Is.EqualTo("OK"));
    }

    [Test]
    public async Task A_server_without_the_keys_to_the_secrets_refuses_to_start()
    {
        await using var database = await Database.CreateAsync(kind);
        await TestServer.Start(database).DisposeAsync();
        var other = Directory.CreateTempSubdirectory("payrecharge-keys-").FullName;
        Assert.That(() => TestServer.Start(database, more: ("Data:KeysFolder", other)),
            Throws.InvalidOperationException.With.Message.Contains(other).And.Message.Contains("copy that folder"));
        Directory.Delete(other, recursive: true);
    }

    [Test, System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Files_are_their_owners_alone_whatever_the_folder()
    {
        var folder = Directory.CreateTempSubdirectory("payrecharge-data-").FullName;
        var (everybody, owner) = (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(folder, everybody | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var file = Path.Combine(folder, "payrecharge.db");
        await using var mariaDb = kind == DatabaseKind.MariaDb ? await Database.CreateAsync(kind) : null;
        var database = mariaDb ?? new Database(kind, $"Data Source={file};Default Timeout=5");
        for (var start = 1; start <= 2; start++)
        {
            await using var server = TestServer.Start(database, more: [("Data:Folder", folder), ("Data:KeysFolder", ""), ("Admin:ApiKey", "")]);
            var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
            Assert.That(files.Count(f => f.EndsWith(".xml", StringComparison.Ordinal)), Is.EqualTo(1), "the key to the secrets");
            foreach (var one in files) Assert.That(File.GetUnixFileMode(one), Is.EqualTo(owner), one);
            Assert.That(File.GetUnixFileMode(Path.Combine(folder, "keys")), Is.EqualTo(owner | UnixFileMode.UserExecute));
            // As left by an older version, or by an owner who copied the file.
            if (kind == DatabaseKind.Sqlite) File.SetUnixFileMode(file, everybody);
        }
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private static Task<string> DocumentAsync(TestServer server) => server.WithDbAsync(db => db.Settings.AsNoTracking().Select(r => r.Document).SingleAsync());
}
