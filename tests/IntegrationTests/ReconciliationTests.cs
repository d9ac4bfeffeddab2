using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>A payment without a notice is found by queries, in time and not too often.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class ReconciliationTests(DatabaseKind kind)
{
    private readonly ConcurrentDictionary<string, Shop.Placed> _paid = new();
    private readonly ConcurrentDictionary<string, int> _asked = new();
    private readonly ConcurrentBag<string> _closed = [];
    private FakeTimeProvider _clock = null!;
    private Shop _shop = null!;
    private bool _gatewayIsDead;
    private bool _closeIsRefused;
    private bool _paidIsAnothers;
    private Action<string> _onClose = _ => { };

    [SetUp]
    public async Task OpenAsync()
    {
        (_gatewayIsDead, _closeIsRefused, _paidIsAnothers, _onClose) = (false, false, false, _ => { });
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _paid.Clear();
        _asked.Clear();
        _closed.Clear();
        _shop = await Shop.OpenAsync(kind, _clock);
        var place = _shop.Gateway.Answer;
        _shop.Gateway.Answer = (call, form) =>
        {
            if (call == "native") return place(call, form);
            if (_gatewayIsDead) return Task.FromResult("");
            var id = form["payjs_order_id"];
            if (form["sign"] != Infrastructure.Payjs.PayjsSign.Of(form, ScriptedGateway.Key)) return Task.FromResult("""{"msg":"签名错误","return_code":0,"status":0}""");
            if (call == "close")
            {
                _onClose(id);
                if (_closeIsRefused) return Task.FromResult("""{"return_code":0,"return_msg":"订单已关闭"}""");
                _closed.Add(id);
                return Task.FromResult(ScriptedGateway.Signed(new Dictionary<string, string> { ["payjs_order_id"] = id, ["return_code"] = "1", ["return_msg"] = "SUCCESS" }));
            }
            _asked.AddOrUpdate(id, 1, (_, count) => count + 1);
            var paid = _paid.TryGetValue(id, out var placed);
            return Task.FromResult(ScriptedGateway.Signed(new Dictionary<string, string>
            {
                ["mchid"] = ScriptedGateway.Merchant,
                ["out_trade_no"] = (placed?.Number ?? "0") + (_paidIsAnothers ? "1" : ""),
                ["paid_time"] = paid ? "2021-05-07 18:27:39" : "0",
                ["payjs_order_id"] = id,
                ["return_code"] = "1",
                ["status"] = paid ? "1" : "0",
                ["total_fee"] = "100",
                ["transaction_id"] = paid ? "4200000000202105070000000001" : "0",
            }));
        };
    }

    [TearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    // The order's age at the payment, and the promised number of seconds within which it is found.
    [TestCase(0, 60)]
    [TestCase(49, 60)]
    [TestCase(299, 60)]
    [TestCase(301, 15 * 60)]
    [TestCase(3600, 15 * 60)]
    [TestCase(7190, 15 * 60)]
    public async Task A_payment_nobody_notified_is_found_within_its_time(int paidAtAge, int foundWithin)
    {
        var placed = await _shop.BuyCreditsAsync();
        await PassAsync(paidAtAge);
        _paid[placed.GatewayOrderId] = placed;
        await PassAsync(foundWithin);
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Fulfilled));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
        Assert.That(_asked[placed.GatewayOrderId], Is.AtMost(16));
        Assert.That(await PendingAsync(), Is.Zero);
    }

    [Test]
    public async Task Many_orders_are_each_found_within_their_time_by_two_servers_that_share_them()
    {
        await using var other = TestServer.Start(_shop.Database, _shop.Gateway.Address, _clock);
        // The ages at which the orders are paid, spread over all intervals of the schedule.
        var ages = Enumerable.Range(0, 20).Select(i => i < 12 ? i * 26 : 300 + (i - 12) * 970).ToList();
        var events = new List<(int At, Func<Task> Do)>();
        var orders = new List<Shop.Placed>();
        for (var i = 0; i < ages.Count; i++)
        {
            var (order, made, paid) = (i, i * 7, i * 7 + ages[i]);
            events.Add((made, async () => orders.Add(await _shop.BuyCreditsAsync())));
            events.Add((paid, () => Task.FromResult(_paid[orders[order].GatewayOrderId] = orders[order])));
            events.Add((paid + (ages[i] < 300 ? 60 : 15 * 60), async () =>
                Assert.That((await _shop.OrderAsync(orders[order].Number)).Status, Is.EqualTo(OrderStatus.Fulfilled), $"paid {ages[order]} s after it was made")));
        }
        var now = 0;
        foreach (var (at, act) in events.OrderBy(e => e.At))
        {
            await PassAsync(at - now);
            now = at;
            await act();
        }
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(ages.Count * Shop.CreditRatio));
        Assert.That(_asked.Values, Is.All.AtMost(16));
    }

    [Test]
    public async Task An_order_nobody_pays_is_asked_about_sixteen_times_and_closed_at_the_gateway()
    {
        var placed = await _shop.BuyCreditsAsync();
        await PassAsync(7180);
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Pending));
        await PassAsync(60);
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Closed));
        Assert.That((_asked[placed.GatewayOrderId], _closed.Single()), Is.EqualTo((16, placed.GatewayOrderId)));
        Assert.That(await PendingAsync(), Is.Zero);

        Assert.That((await _shop.Server.NotifyAsync(placed.Notice())).Text, Is.EqualTo("success"));
        Assert.That(((await _shop.OrderAsync(placed.Number)).Status, (await _shop.OrderAsync(placed.Number)).PaidLate), Is.EqualTo((OrderStatus.Fulfilled, true)));
    }

    [Test]
    public async Task A_client_that_keeps_asking_has_the_gateway_asked_every_twenty_seconds_and_no_oftener()
    {
        var placed = await _shop.BuyCreditsAsync();
        // Ten minutes later, when the schedule queries every 14 minutes.
        await PassAsync(600);
        var before = _asked[placed.GatewayOrderId];
        for (var second = 0; second < 60; second++)
        {
            await _shop.CheckAsync(placed.GatewayOrderId);
            await PassAsync(1);
        }
        Assert.That(_asked[placed.GatewayOrderId] - before, Is.InRange(2, 3));
    }

    [Test]
    public async Task A_gateway_that_does_not_answer_is_asked_again_until_it_does()
    {
        var placed = await _shop.BuyCreditsAsync();
        _paid[placed.GatewayOrderId] = placed;
        _gatewayIsDead = true;
        await PassAsync(3 * 3600);
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Pending), "an order that may be paid is not closed unasked");
        _gatewayIsDead = false;
        // The wait between attempts is a tenth of the order's age.
        await PassAsync(3 * 360 + 60);
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Fulfilled));
    }

    [Test]
    public async Task A_paid_that_names_another_order_is_asked_for_again()
    {
        var placed = await _shop.BuyCreditsAsync();
        _paid[placed.GatewayOrderId] = placed;
        _paidIsAnothers = true;
        await PassAsync(60);
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Pending));
        Assert.That((await _shop.NotificationsAsync()).Single().QuarantineReason, Is.EqualTo("unknown order"));
        _paidIsAnothers = false;
        await PassAsync(60);
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Fulfilled));
    }

    [Test]
    public async Task An_order_nobody_could_ask_about_for_a_day_is_closed_and_marked()
    {
        var placed = await _shop.BuyCreditsAsync();
        _gatewayIsDead = true;
        await PassAsync(30 * 3600);
        var order = await _shop.OrderAsync(placed.Number);
        Assert.That(order.Status, Is.EqualTo(OrderStatus.Closed));
        Assert.That(order.Attention, Does.StartWith("closed without knowing whether it is paid: "));
    }

    [Test]
    public async Task An_order_the_gateway_will_not_close_is_asked_about_once_more_and_closed_here()
    {
        _closeIsRefused = true;
        var unpaid = await _shop.BuyCreditsAsync();
        var paidAtLast = await _shop.BuyCreditsAsync();
        _onClose = id =>
        {
            if (id == paidAtLast.GatewayOrderId) _paid[id] = paidAtLast;
        };
        await PassAsync(7300);
        Assert.That((await _shop.OrderAsync(unpaid.Number)).Status, Is.EqualTo(OrderStatus.Closed));
        Assert.That((await _shop.OrderAsync(paidAtLast.Number)).Status, Is.EqualTo(OrderStatus.Fulfilled));
        Assert.That(_asked[unpaid.GatewayOrderId], Is.EqualTo(17));
    }

    [Test]
    public async Task A_gateway_that_knows_only_the_old_key_is_asked_with_that()
    {
        var placed = await _shop.BuyCreditsAsync();
        _paid[placed.GatewayOrderId] = placed;
        await _shop.Server.SaveSettingsAsync(new { merchantKey = "AnotherKey000001" });
        await PassAsync(60);
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Fulfilled));
    }

    [Test]
    public async Task An_order_the_gateway_never_named_is_closed_here_alone()
    {
        _shop.Gateway.Answer = (_, _) => Task.FromResult("garbage");
        await _shop.Server.PluginAsync($"&action=payjs_credit&credits=2&money=1&username=buyer&body=b&key={Shop.TransportKey}");
        await PassAsync(7300);
        var order = await _shop.Server.WithDbAsync(db => db.Orders.AsNoTracking().SingleAsync());
        Assert.That((order.Status, await PendingAsync()), Is.EqualTo((OrderStatus.Closed, 0)));
        Assert.That(_shop.Gateway.Questions, Is.Empty);
    }

    [Test]
    public async Task A_claim_goes_to_one_of_many_and_comes_back_when_its_holder_dies()
    {
        await _shop.BuyCreditsAsync();
        var lease = TimeSpan.FromSeconds(30);
        // No other claims: this test's server queries only when its timer fires, and these queues have their own clocks.
        var queues = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ClaimAsync(_clock.GetUtcNow().AddMinutes(10), lease)));
        Assert.That(queues.Count(id => id is not null), Is.EqualTo(1));
        Assert.That(await ClaimAsync(_clock.GetUtcNow().AddMinutes(10).AddSeconds(29), lease), Is.Null);
        Assert.That(await ClaimAsync(_clock.GetUtcNow().AddMinutes(10).AddSeconds(31), lease), Is.Not.Null);
    }

    private async Task<long?> ClaimAsync(DateTimeOffset now, TimeSpan lease)
    {
        await using var scope = _shop.Server.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var queue = new Infrastructure.Persistence.ReconciliationQueue(
            services.GetRequiredService<Infrastructure.Persistence.RechargeDbContext>(), services.GetRequiredService<Application.IUnitOfWork>(),
            services.GetRequiredService<Infrastructure.Persistence.SqliteWriter>(), new FakeTimeProvider(now));
        return (await queue.ClaimDueAsync("payjs", 1000, 1000, lease, CancellationToken.None)).SingleOrDefault()?.OrderId;
    }

    private Task<int> PendingAsync() => _shop.Server.WithDbAsync(db => db.PendingChecks.CountAsync());

    /// <summary>Advances the time in steps; after each, the server processes due orders.</summary>
    private async Task PassAsync(int seconds)
    {
        while (seconds > 0)
        {
            var next = await _shop.Server.WithDbAsync(db => db.PendingChecks.MinAsync(c => (DateTimeOffset?)c.DueAt));
            var step = next is { } due ? Math.Clamp((int)Math.Ceiling((due - _clock.GetUtcNow()).TotalSeconds), 1, seconds) : seconds;
            seconds -= step;
            _clock.Advance(TimeSpan.FromSeconds(step));
            var now = _clock.GetUtcNow();
            await Eventually.HoldsAsync(async () => !await _shop.Server.WithDbAsync(db => db.PendingChecks.AnyAsync(c => c.DueAt <= now))
                && !await _shop.Server.WithDbAsync(db => db.PendingChecks.AnyAsync(c => c.AskedAt == now && c.DueAt == now.AddSeconds(30))));
        }
    }
}
