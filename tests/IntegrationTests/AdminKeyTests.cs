using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Infrastructure;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>The admin key: how it is generated, how strong it must be, and the lockout after wrong keys.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class AdminKeyTests(DatabaseKind kind)
{
    private Database _database = null!;
    private string _folder = null!;

    [SetUp]
    public async Task PrepareAsync()
    {
        _folder = Directory.CreateTempSubdirectory("payrecharge-key-").FullName;
        _database = await Database.CreateAsync(kind);
    }

    [TearDown]
    public async Task CleanAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task One_key_is_drawn_into_a_file_of_its_owners_and_stored_as_a_hash()
    {
        await using var server = StartWithoutKey();
        // Instances start concurrently: one wins, and all use its key.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.Services.SetUpAsync(_folder)));

        var file = Directory.GetFiles(_folder, "admin-key*").Single();
        Assert.That(Path.GetFileName(file), Is.EqualTo("admin-key.txt"));
        if (!OperatingSystem.IsWindows()) Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        var key = (await File.ReadAllTextAsync(file)).Trim();
        Assert.That(server.Services.GetRequiredService<AdminKey>().Matches(key));
        Assert.That(server.Services.GetRequiredService<AdminKey>().Matches(""), Is.False);
        var row = await server.WithDbAsync(db => db.Settings.AsNoTracking().SingleAsync());
        Assert.That(row.AdminKeyHash, Is.Not.Null.And.Not.EqualTo(key));
        Assert.That(row.Document, Does.Not.Contain(key));
        Assert.That((await TryAsync(server, key)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task After_a_reset_the_file_has_the_key_that_counts()
    {
        string lost;
        await using (var server = StartWithoutKey())
        {
            lost = await ReadKeyAsync();
            await ForgetAsync(server);
        }
        await using (var server = StartWithoutKey())
        {
            var key = await ReadKeyAsync();
            Assert.That(key, Is.Not.EqualTo(lost));
            Assert.That(((await TryAsync(server, key)).Status, (await TryAsync(server, lost)).Status), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.Unauthorized)));
            // Instances that share the folder, after another reset.
            await ForgetAsync(server);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.Services.SetUpAsync(_folder)));
            Assert.That((await TryAsync(server, await ReadKeyAsync())).Status, Is.EqualTo(HttpStatusCode.OK));
        }
    }

    [Test]
    public async Task A_key_in_a_file_named_by_an_earlier_version_gets_the_name_that_is_documented()
    {
        string key;
        await using (StartWithoutKey()) key = await ReadKeyAsync();
        File.Move(Path.Combine(_folder, "admin-key.txt"), Path.Combine(_folder, "admin-key-0123abcd.txt"));
        await using var server = StartWithoutKey();
        Assert.That(await ReadKeyAsync(), Is.EqualTo(key));
        Assert.That((await TryAsync(server, key)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("1")]
    [TestCase("test-admin-key")]
    [TestCase("0123456789abcdef01234", Description = "a character short")]
    [TestCase("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [TestCase("12341234123412341234123412341234")]
    [TestCase("0123456789 abcdefghijklmnop")]
    [TestCase("0123456789abcdefghijklmnopé")]
    public void A_weak_key_ends_the_start_before_the_database_is_touched(string key)
    {
        var refused = Assert.Throws<InvalidOperationException>(() => TestServer.Start(_database, gateway: null, clock: null, ("Admin:ApiKey", key)));
        Assert.That(refused!.Message, Does.StartWith("Admin:ApiKey is too weak"));
    }

    [Test]
    public async Task Wrong_keys_lock_an_address_out_for_twice_as_long_each_time_and_no_longer_than_five_minutes()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = TestServer.Start(_database, gateway: null, clock, ("KnownProxies", "127.0.0.1,::1"));
        Task<(HttpStatusCode Status, TimeSpan? Wait)> WrongAsync(string from = "203.0.113.7") => TryAsync(server, "wrong", from);
        Task<(HttpStatusCode Status, TimeSpan? Wait)> RightAsync(string from = "203.0.113.7") => TryAsync(server, TestServer.AdminKey, from);

        for (var time = 1; time <= 5; time++) Assert.That((await WrongAsync()).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await RightAsync("203.0.113.8")).Status, Is.EqualTo(HttpStatusCode.OK), "another address is another matter");
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 })
        {
            // During a lockout, no key is compared and no call extends it.
            Assert.That(await RightAsync(), Is.EqualTo((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(seconds))));
            Assert.That(await WrongAsync(), Is.EqualTo((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(seconds))));
            clock.Advance(TimeSpan.FromSeconds(seconds));
            Assert.That((await WrongAsync()).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        }
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.That((await RightAsync()).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await WrongAsync()).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await RightAsync()).Status, Is.EqualTo(HttpStatusCode.OK), "the right key made the address new");

        var lines = server.Log.Entries.Where(e => e.Level == LogLevel.Warning && e.Text.Contains("wrong admin key", StringComparison.Ordinal)).ToList();
        Assert.That(lines, Has.Count.EqualTo(5 + 11 + 1), "one line for each key that was compared");
        Assert.That(lines.Select(l => l.Text), Has.All.Contains("203.0.113.7"));
    }

    [TestCase("/health/live")]
    [TestCase("/payjs/notify")]
    [TestCase(TestServer.PluginPath)]
    public async Task A_wrong_key_where_no_key_is_wanted_locks_nobody_out(string path)
    {
        await using var server = TestServer.Start(_database);
        for (var time = 0; time < 20; time++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new("Bearer", "wrong");
            using var response = await server.Http.SendAsync(request);
        }
        Assert.That((await TryAsync(server, TestServer.AdminKey)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_network_of_IPv6_is_one_address_and_many_keys_at_once_are_counted_one_by_one()
    {
        await using var server = TestServer.Start(_database, gateway: null, new FakeTimeProvider(TimeProvider.System.GetUtcNow()), ("KnownProxies", "127.0.0.1,::1"));
        var statuses = await Task.WhenAll(Enumerable.Range(1, 40).Select(async n => (await TryAsync(server, "wrong", $"2001:db8::{n:x}")).Status));
        Assert.That(statuses.Count(s => s == HttpStatusCode.Unauthorized), Is.EqualTo(5));
        Assert.That(statuses.Count(s => s == HttpStatusCode.TooManyRequests), Is.EqualTo(35));
        Assert.That((await TryAsync(server, TestServer.AdminKey, "2001:db8::ffff")).Status, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That((await TryAsync(server, TestServer.AdminKey, "2001:db8:0:1::1")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    private TestServer StartWithoutKey() => TestServer.Start(_database, gateway: null, clock: null, ("Admin:ApiKey", ""), ("Data:Folder", _folder));

    // The file that the README names.
    private async Task<string> ReadKeyAsync() => (await File.ReadAllTextAsync(Path.Combine(_folder, "admin-key.txt"))).Trim();

    private static Task<int> ForgetAsync(TestServer server) =>
        server.WithDbAsync(db => db.Settings.ExecuteUpdateAsync(r => r.SetProperty(x => x.AdminKeyHash, (string?)null)));

    private static async Task<(HttpStatusCode Status, TimeSpan? Wait)> TryAsync(TestServer server, string key, string? from = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/admin/settings");
        request.Headers.Authorization = new("Bearer", key);
        if (from is not null) request.Headers.Add("X-Forwarded-For", from);
        using var response = await server.Http.SendAsync(request);
        if (!response.IsSuccessStatusCode) Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        return (response.StatusCode, response.Headers.RetryAfter?.Delta);
    }
}
