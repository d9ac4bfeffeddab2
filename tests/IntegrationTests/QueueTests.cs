using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Application.Orders;
using PayRecharge.Domain.Orders;
using PayRecharge.Infrastructure.Persistence;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Unpaid orders, however many, do not delay the detection of paid orders.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class QueueTests(DatabaseKind kind)
{
    private const int PerUser = 3, PerAddress = 5;

    private readonly ConcurrentDictionary<string, Shop.Placed> _paid = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private FakeTimeProvider _clock = null!;
    private Shop _shop = null!;
    private TaskCompletionSource _gate = null!;

    [SetUp]
    public void Reset()
    {
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _gate.SetResult();
        _paid.Clear();
        _asked.Clear();
    }

    [TearDown]
    public async Task CloseAsync()
    {
        // A failed test may have left the gate closed.
        _gate.TrySetResult();
        await _shop.DisposeAsync();
    }

    [Test]
    public async Task A_buyer_has_so_many_open_orders_and_then_error0124()
    {
        await OpenAsync(("RateLimit:OpenOrdersPerUser", $"{PerUser}"), ("RateLimit:OpenOrdersPerAddress", "0"));
        await _shop.AddUserAsync("other");
        var orders = new List<Shop.Placed>();
        for (var i = 0; i < PerUser; i++) orders.Add(await _shop.BuyCreditsAsync());
        foreach (var action in new[] { "payjs_credit&credits=2&money=1", "payjs_cardtime&money=1", "payjs_kamis&list_id=9" })
            Assert.That(await OrderAsync(action), Is.EqualTo("error0124"));
        // This check is the last one.
        Assert.That(await OrderAsync("payjs_credit&credits=1&money=1"), Is.EqualTo("error0127"));
        Assert.That(await OrderAsync("payjs_kamis&list_id=8"), Is.EqualTo("error0126"));
        Assert.That(await _shop.Server.WithDbAsync(db => db.Orders.CountAsync()), Is.EqualTo(PerUser), "what is refused is not stored");
        await _shop.BuyCreditsAsync(user: "other");

        // An order that is paid, closed by an admin, or refused by the gateway frees its place immediately.
        Assert.That((await _shop.Server.NotifyAsync(orders[0].Notice())).Text, Is.EqualTo("success"));
        await _shop.BuyCreditsAsync();
        Assert.That(await OrderAsync("payjs_kamis&list_id=9"), Is.EqualTo("error0124"));
        await _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{(await _shop.OrderAsync(orders[1].Number)).Id}/close");
        var answer = _shop.Gateway.Answer;
        _shop.Gateway.Answer = (call, form) => call == "native" ? Task.FromResult("""{"return_code":0,"return_msg":"no","status":0}""") : answer(call, form);
        for (var i = 0; i < PerUser; i++) Assert.That(await OrderAsync("payjs_kamis&list_id=9"), Is.EqualTo("OK"), "with the gateway's refusal");
        _shop.Gateway.Answer = answer;
        await _shop.BuyCreditsAsync();
        Assert.That(await OrderAsync("payjs_kamis&list_id=9"), Is.EqualTo("error0124"));
    }

    [Test]
    public async Task An_address_has_so_many_open_orders_and_then_error0124()
    {
        await OpenAsync(("RateLimit:OpenOrdersPerUser", "0"), ("RateLimit:OpenOrdersPerAddress", $"{PerAddress}"), ("KnownProxies", "127.0.0.1"));
        foreach (var (crowded, free) in new[] { ("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8:0:1::1") })
        {
            for (var i = 0; i < PerAddress; i++) Assert.That(await OrderAsync("payjs_kamis&list_id=9", crowded), Is.EqualTo("OK"));
            Assert.That(await OrderAsync("payjs_kamis&list_id=9", crowded), Is.EqualTo("error0124"));
            Assert.That(await OrderAsync("payjs_kamis&list_id=9", free), Is.EqualTo("OK"));
        }
        // A client with one IPv6 address has its whole /64.
        Assert.That(await OrderAsync("payjs_kamis&list_id=9", "2001:db8::2"), Is.EqualTo("error0124"));
    }

    [Test]
    public async Task A_gateway_that_is_down_uses_up_nobodys_places()
    {
        await OpenAsync(("RateLimit:OpenOrdersPerUser", $"{PerUser}"), ("RateLimit:OpenOrdersPerAddress", $"{PerAddress}"));
        var answer = _shop.Gateway.Answer;
        _shop.Gateway.Answer = (call, form) => call == "native" ? Task.FromResult("garbage") : answer(call, form);
        for (var i = 0; i < 2 * PerAddress; i++) Assert.That(await OrderAsync("payjs_kamis&list_id=9"), Is.EqualTo("error0020"));
        _shop.Gateway.Answer = answer;
        await _shop.BuyCreditsAsync();
        Assert.That(await _shop.Server.WithDbAsync(db => db.PendingChecks.CountAsync()), Is.EqualTo(2 * PerAddress + 1), "they are still seen to");
    }

    [Test]
    public async Task An_order_that_is_paid_and_not_delivered_counts_no_more_and_stays_on_the_queue()
    {
        await OpenAsync(("RateLimit:OpenOrdersPerUser", "1"));
        var placed = await _shop.BuyCreditsAsync();
        await _shop.Server.WithDbAsync(db => db.UserAccounts.ExecuteUpdateAsync(a => a.SetProperty(x => x.Credits2, int.MaxValue)));
        await _shop.Server.NotifyAsync(placed.Notice());
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.NeedsAttention));
        Assert.That(await OrderAsync("payjs_kamis&list_id=9"), Is.EqualTo("OK"));
        Assert.That(await _shop.Server.WithDbAsync(db => db.PendingChecks.CountAsync(c => c.Order.Number == placed.Number)), Is.EqualTo(1));
    }

    // Only the test queries here: it checks which orders the queue returns, not how long that takes.
    [TestCase(false)]
    [TestCase(true)]
    public async Task Thousands_of_orders_of_one_buyer_do_not_go_before_anothers(bool polled)
    {
        await OpenAsync(("Payjs:ChecksPerSecond", "0"));
        await _shop.AddUserAsync("other");
        var first = await _shop.BuyCreditsAsync();
        await AddJunkAsync(first, 5000, _clock.GetUtcNow());
        _clock.Advance(TimeSpan.FromSeconds(2));
        var honest = await _shop.BuyCreditsAsync(user: "other");
        _clock.Advance(TimeSpan.FromMinutes(1));
        if (polled) await _shop.Server.WithDbAsync(db => db.PendingChecks.Where(c => c.Turn > 10 && c.Turn < 711).ExecuteUpdateAsync(c => c.SetProperty(x => x.Nudged, true)));
        var claims = await ClaimAsync(10);
        Assert.That(claims, Has.Count.EqualTo(10));
        Assert.That(claims.Select(c => c.OrderId), Does.Contain((await _shop.OrderAsync(honest.Number)).Id));
    }

    [Test]
    public async Task An_order_waits_behind_a_tenth_of_those_of_its_address()
    {
        await OpenAsync(("Payjs:ChecksPerSecond", "0"), ("KnownProxies", "127.0.0.1"), ("RateLimit:OpenOrdersPerAddress", "0"));
        await AddJunkAsync(await _shop.BuyCreditsAsync(), 700, _clock.GetUtcNow(), turn: 0);
        // As many buyers, each without an earlier order.
        await _shop.Server.WithDbAsync(db => db.PendingChecks.Where(c => c.Caller == "192.0.2.1").ExecuteUpdateAsync(c => c.SetProperty(x => x.Uid, x => x.OrderId + 1000)));
        Assert.That(await OrderAsync("payjs_kamis&list_id=9", "192.0.2.1"), Is.EqualTo("OK"));
        Assert.That(await _shop.Server.WithDbAsync(db => db.PendingChecks.OrderByDescending(c => c.OrderId).Select(c => c.Turn).FirstAsync()), Is.EqualTo(71), "700 of the address, one of the buyer");
    }

    [Test]
    public async Task Orders_without_a_code_to_pay_are_seen_to_last()
    {
        await OpenAsync(("Payjs:ChecksPerSecond", "0"));
        await _shop.AddUserAsync("other");
        var answer = _shop.Gateway.Answer;
        _shop.Gateway.Answer = (call, form) => call == "native" ? Task.FromResult("garbage") : answer(call, form);
        for (var i = 0; i < 20; i++) Assert.That(await OrderAsync("payjs_kamis&list_id=9"), Is.EqualTo("error0020"));
        _shop.Gateway.Answer = answer;
        _clock.Advance(TimeSpan.FromMinutes(1));
        var honest = await _shop.BuyCreditsAsync(user: "other");
        _clock.Advance(TimeSpan.FromSeconds(51));
        var id = (await _shop.OrderAsync(honest.Number)).Id;
        Assert.That((await ClaimAsync(1)).Select(c => c.OrderId), Is.EqualTo(new[] { id }));
    }

    [TestCase("garbage", "error0020")]
    [TestCase("""{"return_code":0,"return_msg":"no","status":0}""", "OK")]
    public async Task So_many_orders_of_an_address_may_fail_at_the_gateway_in_a_minute(string answer, string told)
    {
        await OpenAsync(("RateLimit:FailedOrdersPerMinute", "3"), ("KnownProxies", "127.0.0.1"));
        var place = _shop.Gateway.Answer;
        _shop.Gateway.Answer = (call, form) => call == "native" ? Task.FromResult(answer) : place(call, form);
        for (var i = 0; i < 3; i++) Assert.That(await OrderAsync("payjs_kamis&list_id=9", "192.0.2.1"), Is.EqualTo(told));
        Assert.That(await OrderAsync("payjs_kamis&list_id=9", "192.0.2.1"), Is.EqualTo("error0124"));
        Assert.That(await _shop.Server.WithDbAsync(db => db.Orders.CountAsync()), Is.EqualTo(3), "what is refused is not stored");
        Assert.That(await OrderAsync("payjs_kamis&list_id=9", "192.0.2.2"), Is.EqualTo(told), "another address is another matter");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.HoldsAsync(async () => await OrderAsync("payjs_kamis&list_id=9", "192.0.2.1") == told);
    }

    [Test]
    public async Task What_a_client_asks_about_goes_before_what_is_due_as_long()
    {
        await OpenAsync(("Payjs:ChecksPerSecond", "0"));
        await _shop.AddUserAsync("other");
        await AddJunkAsync(await _shop.BuyCreditsAsync(), 700, _clock.GetUtcNow(), turn: 0);
        var honest = await _shop.BuyCreditsAsync(user: "other");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _shop.CheckAsync(honest.GatewayOrderId);
        var id = (await _shop.OrderAsync(honest.Number)).Id;
        Assert.That((await ClaimAsync(1)).Select(c => c.OrderId), Is.EqualTo(new[] { id }));
        var check = await _shop.Server.WithDbAsync(db => db.PendingChecks.AsNoTracking().SingleAsync(c => c.OrderId == id));
        Assert.That(check.Nudged, Is.False, "the question is about to be asked");
    }

    [Test]
    public async Task All_instances_together_take_no_more_than_the_limit_and_none_twice()
    {
        await OpenAsync(("Payjs:ChecksPerSecond", "0"));
        await AddJunkAsync(await _shop.BuyCreditsAsync(), 100, _clock.GetUtcNow());
        _clock.Advance(TimeSpan.FromMinutes(2));
        var seconds = new List<long>();
        for (var second = 0; second < 5; second++)
        {
            var claims = (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ClaimAsync(10)))).SelectMany(c => c).ToList();
            Assert.That(claims, Has.Count.EqualTo(10));
            Assert.That(await ClaimAsync(10), Is.Empty);
            seconds.AddRange(claims.Select(c => c.OrderId));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.That(seconds, Is.Unique);
    }

    // Leases of one millisecond have the same end.
    [Test]
    public async Task None_is_taken_twice_by_instances_of_which_some_can_take_less()
    {
        await OpenAsync(("Payjs:ChecksPerSecond", "0"));
        await AddJunkAsync(await _shop.BuyCreditsAsync(), 50, _clock.GetUtcNow());
        for (var round = 0; round < 5; round++)
        {
            _clock.Advance(TimeSpan.FromMinutes(2));
            var claims = (await Task.WhenAll(Enumerable.Range(1, 12).Select(most => ClaimAsync(50, most)))).SelectMany(c => c.Select(x => x.OrderId)).ToList();
            Assert.That(claims, Is.Unique);
            Assert.That(claims, Has.Count.AtLeast(12));
        }
    }

    // An instance was paused after it read the clock, and before it read the queue.
    [Test]
    public async Task A_pause_does_not_have_orders_taken_that_others_have_just_put_off()
    {
        await OpenAsync(("Payjs:ChecksPerSecond", "0"));
        await _shop.BuyCreditsAsync();
        var putOff = _clock.GetUtcNow().AddMinutes(2) + TimeSpan.FromMinutes(14);
        await _shop.Server.WithDbAsync(db => db.PendingChecks.ExecuteUpdateAsync(c => c.SetProperty(x => x.DueAt, putOff)));
        var pausing = new FakeTimeProvider(_clock.GetUtcNow()) { AutoAdvanceAmount = TimeSpan.FromMinutes(2) };
        Assert.That(await ClaimAsync(10, 10, pausing), Is.Empty);
        _clock.Advance(TimeSpan.FromMinutes(16));
        Assert.That(await ClaimAsync(10, 10), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_gateway_that_takes_its_time_is_asked_about_many_orders_side_by_side()
    {
        await OpenAsync();
        _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var orders = new List<Shop.Placed>();
        for (var i = 0; i < 8; i++) orders.Add(await _shop.BuyCreditsAsync());
        foreach (var order in orders) _paid[order.GatewayOrderId] = order;
        // All are queried before the first gets a reply. In one step: a call times out after 8 seconds of this time.
        _clock.Advance(TimeSpan.FromSeconds(51));
        await Eventually.HoldsAsync(() => Task.FromResult(_asked.Count == orders.Count));
        _gate.SetResult();
        await Eventually.HoldsAsync(async () => await _shop.Server.WithDbAsync(db => db.Orders.AllAsync(o => o.Status == OrderStatus.Fulfilled)));
        Assert.That(_asked, Is.Unique);
    }

    private async Task OpenAsync(params (string Name, string Value)[] more)
    {
        _shop = await Shop.OpenAsync(kind, _clock, more);
        var place = _shop.Gateway.Answer;
        _shop.Gateway.Answer = async (call, form) =>
        {
            if (call == "native") return await place(call, form);
            var id = form["payjs_order_id"];
            if (call == "close") return ScriptedGateway.Signed(new Dictionary<string, string> { ["payjs_order_id"] = id, ["return_code"] = "1", ["return_msg"] = "SUCCESS" });
            _asked.Enqueue(id);
            await _gate.Task;
            return ScriptedGateway.CheckReply(id, _paid.GetValueOrDefault(id)?.Number);
        };
    }

    private async Task<string> OrderAsync(string action, string? from = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{TestServer.PluginPath}&action={action}&username=buyer&body=b&key={Shop.TransportKey}");
        if (from is not null) request.Headers.Add("X-Forwarded-For", from);
        using var response = await _shop.Server.Http.SendAsync(request);
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["result"]!;
    }

    /// <summary>Stores copies of an order, each one turn later, or all with the same turn.</summary>
    private Task<int> AddJunkAsync(Shop.Placed order, int count, DateTimeOffset at, int? turn = null) => _shop.Server.WithDbAsync(async db =>
    {
        var like = await db.Orders.AsNoTracking().SingleAsync(o => o.Number == order.Number);
        for (var i = 1; i <= count; i++)
        {
            var junk = Order.Place($"junk{i}", like.Gateway, like.MerchantId, like.KeyNumber, like.Mode, like.Uid, like.Purchase, like.AmountFen, "", "", like.Channel, at);
            junk.AttachGatewayOrder($"junk{i}");
            db.OrderChecks.Add(new OrderChecks { Order = junk });
            db.PendingChecks.Add(new PendingCheck { Order = junk, Gateway = "payjs", DueAt = at.AddSeconds(50), Uid = like.Uid, Caller = "192.0.2.1", Turn = turn ?? i });
        }
        return await db.SaveChangesAsync();
    });

    private Task<IReadOnlyList<Claim>> ClaimAsync(int perSecond) => ClaimAsync(perSecond, perSecond);

    private async Task<IReadOnlyList<Claim>> ClaimAsync(int perSecond, int most, TimeProvider? clock = null)
    {
        await using var scope = _shop.Server.Services.CreateAsyncScope();
        var queue = ActivatorUtilities.CreateInstance<ReconciliationQueue>(scope.ServiceProvider, clock ?? _clock);
        return await queue.ClaimDueAsync("payjs", perSecond, most, TimeSpan.FromSeconds(30), CancellationToken.None);
    }
}
