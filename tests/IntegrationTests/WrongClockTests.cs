using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Servers on a machine whose clock is wrong or jumps report it and still find payments. The database's clock is right.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase), Parallelizable(ParallelScope.Children)]
internal sealed class WrongClockTests
{
    /// <summary>The promise is 60 s. A machine busy with other tests gets more; a real failure takes hours.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private readonly ConcurrentDictionary<string, string> _numbers = new();
    private readonly ConcurrentQueue<string> _closed = new();
    private readonly string _clock = Path.Combine(Path.GetTempPath(), $"clock-{Guid.NewGuid():N}");
    private Shop _shop = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        // This server sets up the shop and does not query the gateway.
        _shop = await Shop.OpenAsync(DatabaseKind.MariaDb, null, ("Payjs:ChecksPerSecond", "0"));
        var place = _shop.Gateway.Answer;
        _shop.Gateway.Answer = (call, form) =>
        {
            if (call == "native") return place(call, form);
            var id = form["payjs_order_id"];
            if (call == "close") _closed.Enqueue(id);
            return Task.FromResult(ScriptedGateway.CheckReply(id, _numbers.GetValueOrDefault(id)));
        };
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _shop.DisposeAsync();
        File.Delete(_clock);
    }

    [TestCase("+2h")]
    [TestCase("-2h")]
    [TestCase("+2d")]
    [TestCase("-2d")]
    public async Task A_clock_that_is_wrong_from_the_start(string off)
    {
        await using var server = await StartAsync(off);
        var placed = await BuyAsync(server);
        Assert.That((await _shop.OrderAsync(placed.Number)).CreatedAt, Is.EqualTo(TimeProvider.System.GetUtcNow()).Within(Patience), "orders bear the database's time");
        await FoundAsync(placed);
        Assert.That(server.Output, Has.Some.Contains(off[0] == '+' ? "s ahead of the database's" : "s behind the database's"));
        using var health = await server.Http.GetAsync("/health/ready");
        Assert.That((health.StatusCode, await health.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.OK, "Degraded")));
    }

    [TestCase("+2h")]
    [TestCase("-2h")]
    [TestCase("+2d")]
    [TestCase("-2d")]
    public async Task A_clock_that_jumps_and_is_put_right(string off)
    {
        await using var server = await StartAsync("+0");
        var before = await BuyAsync(server);
        await SetClockAsync(off);
        await SaysAsync(server, "Find out which is wrong");
        var meanwhile = await BuyAsync(server);
        await PollAsync(server, before);
        await SetClockAsync("+0");
        await SaysAsync(server, "agrees with the database's again");
        var after = await BuyAsync(server);
        foreach (var placed in new[] { before, meanwhile, after }) await FoundAsync(placed);
        using var health = await server.Http.GetAsync("/health/ready");
        Assert.That(await health.Content.ReadAsStringAsync(), Is.EqualTo("Healthy"));
    }

    [TestCase("+1h")]
    [TestCase("-1h")]
    [TestCase("+2d")]
    public async Task Two_servers_whose_clocks_are_apart(string off)
    {
        await using var right = await StartAsync(null);
        await using var wrong = await StartAsync(off);
        var placed = new[] { await BuyAsync(right), await BuyAsync(wrong), await BuyAsync(right) };
        foreach (var order in placed) await FoundAsync(order);
        Assert.That(_closed, Is.Empty, "no order is taken for an old one");
    }

    private async Task<ServerProcess> StartAsync(string? off)
    {
        if (off is null) return await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address);
        await SetClockAsync(off);
        var library = Directory.GetDirectories("/usr/lib").Append("/usr/lib").SelectMany(f => new[] { $"{f}/faketime/libfaketimeMT.so.1", $"{f}/libfaketimeMT.so.1" }).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("libfaketime is not installed: install faketime, or run ./test.sh, which does.");
        return await ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address,
            ("LD_PRELOAD", library), ("FAKETIME_TIMESTAMP_FILE", _clock), ("FAKETIME_CACHE_DURATION", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            // libfaketime's fix for old C libraries makes every timed wait return immediately: the server spins.
            ("FAKETIME_FORCE_MONOTONIC_FIX", "0"));
    }

    private Task SetClockAsync(string off) => File.WriteAllTextAsync(_clock, off + "\n");

    private static Task SaysAsync(ServerProcess server, string text) =>
        Eventually.HoldsAsync(() => Task.FromResult(server.Output.Any(line => line.Contains(text, StringComparison.Ordinal))), Patience);

    private async Task<(string Number, string Id)> BuyAsync(ServerProcess server)
    {
        JsonNode? data = null;
        // A call may time out on a busy machine; a buyer tries again.
        await Eventually.HoldsAsync(async () =>
        {
            var text = await server.Http.GetStringAsync($"{TestServer.PluginPath}&action=payjs_credit&credits=2&money=1&username=buyer&body=b&key={Shop.TransportKey}");
            return (data = JsonNode.Parse(text)!["data"]) is JsonObject;
        }, Patience);
        var (number, id) = ((string)data!["out_trade_no"]!, (string)data["payjs_order_id"]!);
        _numbers[id] = number;
        return (number, id);
    }

    private static async Task PollAsync(ServerProcess server, (string Number, string Id) placed) =>
        await server.Http.GetStringAsync($"{TestServer.PluginPath}&action=payjs_check&payjs_order_id={placed.Id}&key={Shop.TransportKey}");

    private Task FoundAsync((string Number, string Id) placed) =>
        Eventually.HoldsAsync(async () => (await _shop.OrderAsync(placed.Number)).Status == OrderStatus.Fulfilled, Patience);
}

/// <summary>Work postponed under a wrong clock runs once the clock is right: the machine's on SQLite, else the database's.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class TimeSetBackTests(DatabaseKind kind)
{
    private readonly ConcurrentDictionary<string, string> _numbers = new();
    private FakeTimeProvider _clock = null!;
    private Shop _shop = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _numbers.Clear();
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _shop = await Shop.OpenAsync(kind, _clock);
        var place = _shop.Gateway.Answer;
        _shop.Gateway.Answer = (call, form) => call == "native" ? place(call, form)
            : Task.FromResult(ScriptedGateway.CheckReply(form["payjs_order_id"], _numbers.GetValueOrDefault(form["payjs_order_id"])));
    }

    [TearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [TestCase(2)]
    [TestCase(48)]
    public async Task An_order_made_under_it_is_found(int hours)
    {
        var right = _clock.GetUtcNow();
        _clock.AdjustTime(right.AddHours(hours));
        var placed = await _shop.BuyCreditsAsync();
        await _shop.CheckAsync(placed.GatewayOrderId);
        // The nudge triggers a query under the wrong time.
        await PassAsync(2, () => Task.FromResult(!_shop.Gateway.Questions.IsEmpty));
        _clock.AdjustTime(right.AddMinutes(1));
        _numbers[placed.GatewayOrderId] = placed.Number;
        await PassAsync(60, async () => (await _shop.OrderAsync(placed.Number)).Status == OrderStatus.Fulfilled);
    }

    [Test]
    public async Task An_order_that_was_asked_about_under_it_is_found()
    {
        var placed = await _shop.BuyCreditsAsync();
        var right = _clock.GetUtcNow();
        _clock.AdjustTime(right.AddHours(1));
        await PassAsync(2, () => Task.FromResult(!_shop.Gateway.Questions.IsEmpty));
        await Eventually.HoldsAsync(async () => !await _shop.Server.WithDbAsync(db => db.PendingChecks.AnyAsync(c => c.DueAt < right.AddMinutes(61))));
        _clock.AdjustTime(right.AddMinutes(1));
        _numbers[placed.GatewayOrderId] = placed.Number;
        await PassAsync(60, async () => (await _shop.OrderAsync(placed.Number)).Status == OrderStatus.Fulfilled);
    }

    [Test]
    public async Task A_poll_after_it_has_the_gateway_asked()
    {
        var right = _clock.GetUtcNow();
        _clock.AdjustTime(right.AddMinutes(10));
        var placed = await _shop.BuyCreditsAsync();
        await _shop.CheckAsync(placed.GatewayOrderId);
        await PassAsync(2, () => Task.FromResult(!_shop.Gateway.Questions.IsEmpty));
        await Eventually.HoldsAsync(async () => !await _shop.Server.WithDbAsync(db => db.PendingChecks.AnyAsync(c => c.DueAt == _clock.GetUtcNow().AddSeconds(30))));
        _clock.AdjustTime(right);
        _numbers[placed.GatewayOrderId] = placed.Number;
        await _shop.CheckAsync(placed.GatewayOrderId);
        await PassAsync(3, async () => (await _shop.OrderAsync(placed.Number)).Status == OrderStatus.Fulfilled);
    }

    [Test]
    public async Task A_nights_audit_that_was_begun_under_it_is_made()
    {
        var night = new DateTimeOffset(2027, 3, 4, 21, 0, 0, TimeSpan.Zero);
        await _shop.Server.WithDbAsync(async db =>
        {
            db.NightlyAudits.Add(new Infrastructure.Persistence.NightlyAudit { Night = new DateOnly(2027, 3, 5), BeganAt = night.AddHours(2) });
            return await db.SaveChangesAsync();
        });
        _clock.AdjustTime(night);
        await PassAsync(120, () => _shop.Server.WithDbAsync(db => db.NightlyAudits.AnyAsync(a => a.Night == new DateOnly(2027, 3, 5) && a.Report != null)));
    }

    /// <summary>Advances the clock by up to so many seconds, until a condition holds.</summary>
    private async Task PassAsync(int seconds, Func<Task<bool>> then)
    {
        for (var second = 0; second < seconds && !await then(); second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            // A gateway call may take 8 seconds on this clock, too: let it finish.
            await Eventually.HoldsAsync(() => _shop.Server.WithDbAsync(async db =>
                (await db.PendingChecks.AsNoTracking().ToListAsync()).TrueForAll(c => c.AskedAt is not { } asked || c.DueAt != asked.AddSeconds(30))));
        }
        await Eventually.HoldsAsync(then);
    }
}
