using System.Data.Common;
using System.Diagnostics;
using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using MySqlConnector;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Bounds;

/// <summary>Readiness reflects a database that stops, returns or takes no writes; the server needs no restart.</summary>
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
        await BecomesAsync(server, HttpStatusCode.ServiceUnavailable);
        Assert.That(await StatusAsync(server, "live"), Is.EqualTo(HttpStatusCode.OK));
        await _mariaDb.StartAgainAsync();
        await BecomesAsync(server, HttpStatusCode.OK);
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
            await BecomesAsync(server, HttpStatusCode.ServiceUnavailable);
            Assert.That(await StatusAsync(server, "live"), Is.EqualTo(HttpStatusCode.OK));
        }
        finally
        {
            await _mariaDb.ThawAsync();
        }
        await BecomesAsync(server, HttpStatusCode.OK);
    }

    [TestCase("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0")]
    [TestCase("FLUSH TABLES WITH READ LOCK", "UNLOCK TABLES")]
    public async Task A_database_that_answers_and_takes_no_write(string hold, string release)
    {
        await using var server = TestServer.Start(await AsOwnerAsync());
        await using var admin = new MySqlConnection(_database.ConnectionString);
        await admin.OpenAsync();
        await IsNotReadyBetweenAsync(server, () => RunAsync(admin, hold), () => RunAsync(admin, release));
    }

    [Test]
    public async Task A_file_that_somebody_else_has_locked()
    {
        await using var database = await Database.CreateAsync(DatabaseKind.Sqlite);
        await using var server = TestServer.Start(database);
        await using var other = new SqliteConnection(database.ConnectionString);
        await other.OpenAsync();
        await IsNotReadyBetweenAsync(server, () => RunAsync(other, "BEGIN IMMEDIATE"), () => RunAsync(other, "ROLLBACK"));
    }

    [Test]
    public async Task A_disk_that_is_full()
    {
        var disk = Directory.CreateTempSubdirectory("payrecharge-disk-").FullName;
        await AsRootAsync("mount", "-t", "tmpfs", "-o", "size=32m,mode=1777", "tmpfs", disk);
        try
        {
            await using var database = new Database(DatabaseKind.Sqlite, $"Data Source={disk}/test.db;Default Timeout=5");
            await using var server = TestServer.Start(database);
            var filler = Path.Combine(disk, "filler");
            await IsNotReadyBetweenAsync(server, () => FillAsync(filler), () =>
            {
                File.Delete(filler);
                return Task.CompletedTask;
            });
        }
        finally
        {
            await AsRootAsync("umount", "-l", disk);
            Directory.Delete(disk);
        }
    }

    [TestCase(DatabaseKind.Sqlite)]
    [TestCase(DatabaseKind.MariaDb)]
    public async Task A_time_zone_that_this_machine_does_not_know(DatabaseKind kind)
    {
        await using var database = await CreateAsync(kind);
        await using var server = TestServer.Start(database);
        await IsNotReadyBetweenAsync(server, () => SetZoneAsync("Asia/Shanghai", "Nowhere/Never"), () => SetZoneAsync("Nowhere/Never", "Asia/Shanghai"));

        Task SetZoneAsync(string from, string to) => server.WithDbAsync(db =>
            db.Settings.ExecuteUpdateAsync(r => r.SetProperty(x => x.Document, x => x.Document.Replace(from, to))));
    }

    [TestCase(DatabaseKind.Sqlite)]
    [TestCase(DatabaseKind.MariaDb)]
    public async Task Many_who_ask_within_a_second_cost_one_write_and_nothing_stays(DatabaseKind kind)
    {
        await using var database = await CreateAsync(kind);
        // The clock stands still: all requests fall into one second.
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = TestServer.Start(database, null, clock, ("Logging:LogLevel:Microsoft.EntityFrameworkCore.Database", "Information"));
        Assert.That(Proofs(), Is.Zero, "nobody asked");
        foreach (var second in new[] { 1, 2 })
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => StatusAsync(server, "ready")));
            Assert.That(answers, Is.All.EqualTo(HttpStatusCode.OK));
            Assert.That(Proofs(), Is.EqualTo(second));
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.That(await server.WithDbAsync(db => db.NightlyAudits.CountAsync(a => a.Night < new DateOnly(2000, 1, 1))), Is.Zero);

        int Proofs() => server.Log.Entries.Count(e => e.Text.Contains("DELETE", StringComparison.Ordinal) && e.Text.Contains("NightlyAudits", StringComparison.Ordinal));
    }

    private Task<Database> CreateAsync(DatabaseKind kind) => kind == DatabaseKind.Sqlite ? Database.CreateAsync(kind) : Database.CreateOnAsync(_mariaDb);

    private static async Task IsNotReadyBetweenAsync(TestServer server, Func<Task> hold, Func<Task> release)
    {
        Assert.That(await StatusAsync(server, "ready"), Is.EqualTo(HttpStatusCode.OK));
        await hold();
        await BecomesAsync(server, HttpStatusCode.ServiceUnavailable);
        Assert.That(await StatusAsync(server, "live"), Is.EqualTo(HttpStatusCode.OK));
        await release();
        await BecomesAsync(server, HttpStatusCode.OK);
    }

    /// <summary>The database for a user who may not write in read-only mode.</summary>
    private async Task<Database> AsOwnerAsync()
    {
        var there = new MySqlConnectionStringBuilder(_database.ConnectionString);
        await using var admin = new MySqlConnection(there.ConnectionString);
        await admin.OpenAsync();
        await RunAsync(admin, $"CREATE USER 'owner'@'127.0.0.1' IDENTIFIED BY 'owner'; GRANT ALL ON {there.Database}.* TO 'owner'@'127.0.0.1'");
        (there.UserID, there.Password) = ("owner", "owner");
        return new Database(DatabaseKind.MariaDb, there.ConnectionString);
    }

    private static async Task RunAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Fills the disk to the last byte.</summary>
    private static async Task FillAsync(string path)
    {
        await using var filler = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in new[] { 65536, 1 })
        {
            try
            {
                while (true) await filler.WriteAsync(new byte[size]);
            }
            catch (IOException)
            {
                // No room for another block of this size.
            }
        }
    }

    private static async Task AsRootAsync(string program, params string[] arguments)
    {
        string[] command = Environment.UserName == "root" ? [program, .. arguments] : ["sudo", "-n", program, .. arguments];
        using var process = Process.Start(command[0], command[1..]);
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, $"{program} works as root alone, or by sudo without a password");
    }

    /// <summary>Polls, because an answer may be a second old.</summary>
    private static Task BecomesAsync(TestServer server, HttpStatusCode status) =>
        Eventually.HoldsAsync(async () => await StatusAsync(server, "ready") == status);

    private static async Task<HttpStatusCode> StatusAsync(TestServer server, string what)
    {
        using var response = await server.Http.GetAsync("/health/" + what);
        return response.StatusCode;
    }
}
