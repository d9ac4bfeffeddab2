using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>
/// A server dies at each step between a request and its answer, one process per step. Then another server takes over, and nothing may
/// be lost or doubled. First, a process that survives lists all steps (<see cref="KillPoints"/>).
/// </summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase), Parallelizable(ParallelScope.Children)]
internal sealed class KillPointTests
{
    private readonly ConcurrentDictionary<string, Shop.Placed> _paid = new();
    private readonly ConcurrentDictionary<string, int> _refunds = new();
    private FakeTimeProvider _clock = null!;
    private Shop _shop = null!;
    private int _buyers;

    [SetUp]
    public async Task OpenAsync()
    {
        // The server in this process takes over. It reconciles when its clock advances.
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _shop = await Shop.OpenAsync(DatabaseKind.MariaDb, _clock);
        var place = _shop.Gateway.Answer;
        _shop.Gateway.Answer = (call, form) => call switch
        {
            "check" => Task.FromResult(CheckReply(form["payjs_order_id"])),
            "refund" => Task.FromResult(RefundReply(form["payjs_order_id"])),
            _ => place(call, form),
        };
    }

    [TearDown]
    public async Task AuditAndCloseAsync()
    {
        var (_, report) = await _shop.Server.AdminAsync(HttpMethod.Get, "audit");
        Assert.That((bool)report!["sound"]!, report.ToJsonString());
        await _shop.DisposeAsync();
    }

    [Test]
    public Task In_making_an_order() => WalkAsync(new Scenario<(string User, long Uid)>(
        Prepare: AddBuyerAsync,
        Act: (server, buyer) => server.Http.GetAsync(
            $"{TestServer.PluginPath}&action=payjs_credit&credits=2&money=1&username={buyer.User}&body=b&key={Shop.TransportKey}"),
        Heal: async (buyer, step) =>
        {
            // Every order that reached the gateway can be paid. Only its number is sure to be known on both sides.
            var orders = await _shop.Server.WithDbAsync(db => db.Orders.AsNoTracking().Where(o => o.Uid == buyer.Uid).ToListAsync());
            var known = _shop.Gateway.Requests.Select((request, index) => (request.Form, Id: "20210506215107006570" + (index + 1).ToString("00000", null)))
                .Where(r => orders.Any(o => o.Number == r.Form["out_trade_no"])).ToList();
            Assert.That(orders, Has.Count.AtMost(1), step);
            Assert.That(known, Has.Count.LessThanOrEqualTo(orders.Count), step);
            foreach (var (form, id) in known)
                Assert.That((await _shop.Server.NotifyAsync(ScriptedGateway.Notice(form["out_trade_no"], id, 100))).Text, Is.EqualTo("success"), step);
            // The buyer tries again and is served.
            var again = await _shop.BuyCreditsAsync(user: buyer.User);
            Assert.That((await _shop.Server.NotifyAsync(again.Notice())).Text, Is.EqualTo("success"), step);
            Assert.That((await _shop.AccountAsync(buyer.Uid)).Credits2, Is.EqualTo((1 + known.Count) * Shop.CreditRatio), step);
        }));

    [Test]
    public Task In_taking_a_notice_for_credits() => WalkAsync(new Scenario<(Shop.Placed Placed, long Uid)>(
        Prepare: async () => await AddBuyerAsync() is var (user, uid) ? (await _shop.BuyCreditsAsync(user: user), uid) : default,
        Act: (server, order) => server.Http.NotifyOnceAsync(order.Placed.Notice()),
        Heal: async (order, step) =>
        {
            Assert.That((await _shop.Server.NotifyAsync(order.Placed.Notice())).Text, Is.EqualTo("success"), step);
            await AssertFulfilledOnceAsync(order.Placed, step);
            Assert.That((await _shop.AccountAsync(order.Uid)).Credits2, Is.EqualTo(Shop.CreditRatio), step);
        }));

    [Test]
    public Task In_taking_a_notice_for_a_kami() => WalkAsync(new Scenario<Shop.Placed>(
        Prepare: () => _shop.BuyKamiAsync(),
        Act: (server, placed) => server.Http.NotifyOnceAsync(placed.Notice()),
        Heal: async (placed, step) =>
        {
            Assert.That((await _shop.Server.NotifyAsync(placed.Notice())).Text, Is.EqualTo("success"), step);
            var order = await AssertFulfilledOnceAsync(placed, step);
            Assert.That(await _shop.Server.WithDbAsync(db => db.Kamis.CountAsync(k => k.OrderId == order.Id)), Is.EqualTo(1), step);
        }));

    [Test]
    public Task In_reconciling() => WalkAsync(new Scenario<(Shop.Placed Placed, long Uid)>(
        Prepare: async () =>
        {
            var (user, uid) = await AddBuyerAsync();
            var placed = await _shop.BuyCreditsAsync(user: user);
            _paid[placed.GatewayOrderId] = placed;
            return (placed, uid);
        },
        Act: async (server, order) =>
        {
            var now = TimeProvider.System.GetUtcNow();
            await _shop.Server.WithDbAsync(db => db.PendingChecks.Where(c => c.Order.Number == order.Placed.Number)
                .ExecuteUpdateAsync(c => c.SetProperty(x => x.DueAt, now)));
            // The check is removed once the gateway has reported the payment.
            await Eventually.HoldsAsync(async () => server.HasEnded
                || !await _shop.Server.WithDbAsync(db => db.PendingChecks.AnyAsync(c => c.Order.Number == order.Placed.Number)));
            return new HttpResponseMessage();
        },
        Heal: async (order, step) =>
        {
            // Past the dead server's lease.
            _clock.Advance(TimeProvider.System.GetUtcNow().AddSeconds(32) - _clock.GetUtcNow() is { Ticks: > 0 } behind ? behind : TimeSpan.FromSeconds(32));
            await Eventually.HoldsAsync(async () => !await _shop.Server.WithDbAsync(db => db.PendingChecks.AnyAsync(c => c.Order.Number == order.Placed.Number)));
            await AssertFulfilledOnceAsync(order.Placed, step);
            Assert.That((await _shop.AccountAsync(order.Uid)).Credits2, Is.EqualTo(Shop.CreditRatio), step);
        }), ("Payjs__ChecksPerSecond", "1000"));

    [Test]
    public Task In_redeeming_a_kami() => WalkAsync(new Scenario<(string Code, long Uid)>(
        Prepare: async () =>
        {
            var (user, uid) = await AddBuyerAsync();
            var placed = await _shop.BuyKamiAsync(user);
            await _shop.Server.NotifyAsync(placed.Notice());
            return ((string)(await _shop.CheckAsync(placed.GatewayOrderId))["kami"]!, uid);
        },
        Act: (server, kami) => AdminAsync(server, $"users/{kami.Uid}/redemptions", new { code = kami.Code }),
        Heal: async (kami, step) =>
        {
            var (status, _) = await _shop.Server.AdminAsync(HttpMethod.Post, $"users/{kami.Uid}/redemptions", new { code = kami.Code });
            Assert.That(status, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.Conflict), step);
            var account = await _shop.AccountAsync(kami.Uid);
            Assert.That((account.Credits2, account.Credits3, account.Devices), Is.EqualTo((12000, 13000, 10)), step);
        }));

    [Test]
    public Task In_giving_money_back() => WalkAsync(new Scenario<(Shop.Placed Placed, long Uid, long Id)>(
        Prepare: async () =>
        {
            var (user, uid) = await AddBuyerAsync();
            var placed = await _shop.BuyCreditsAsync(user: user);
            await _shop.Server.NotifyAsync(placed.Notice());
            return (placed, uid, (await _shop.OrderAsync(placed.Number)).Id);
        },
        Act: (server, order) => AdminAsync(server, $"orders/{order.Id}/refund", new { reason = "r" }),
        Heal: async (order, step) =>
        {
            // Past the dead server's claim.
            _clock.Advance(TimeProvider.System.GetUtcNow() + Order.RefundCallLasts - _clock.GetUtcNow() is { Ticks: > 0 } behind ? behind : TimeSpan.Zero);
            var (status, body) = await _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{order.Id}/refund", new { reason = "r" });
            Assert.That((status, (string)body!["status"]!), Is.EqualTo((HttpStatusCode.OK, "Refunded")), step);
            Assert.That((await _shop.AccountAsync(order.Uid)).Credits2, Is.Zero, step);
        }));

    /// <param name="Prepare">Creates the data for a request.</param>
    /// <param name="Act">Sends the request, or lets the server find due work.</param>
    /// <param name="Heal">Lets another server continue, and asserts the outcome.</param>
    private sealed record Scenario<T>(Func<Task<T>> Prepare, Func<ServerProcess, T, Task<HttpResponseMessage>> Act, Func<T, string, Task> Heal);

    private async Task WalkAsync<T>(Scenario<T> scenario, params (string Name, string Value)[] environment)
    {
        Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(_shop.Database, _shop.Gateway.Address,
            [("DOTNET_STARTUP_HOOKS", typeof(KillPoints).Assembly.Location), ("Payjs__ChecksPerSecond", "0"), .. environment]);

        List<string> steps;
        await using (var through = await StartAsync())
        {
            HttpStatusCode status;
            do
            {
                var subject = await scenario.Prepare();
                using var armed = await through.Http.GetAsync($"{KillPoints.Path}?at=0");
                using var answer = await scenario.Act(through, subject);
                status = answer.StatusCode;
                steps = (await through.Http.GetFromJsonAsync<List<string>>(KillPoints.Path))!;
                await scenario.Heal(subject, "nobody died");
            }
            // A notice that timed out did not pass all steps.
            while (status == HttpStatusCode.ServiceUnavailable);
            Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        }
        Assert.That(steps, Has.Count.GreaterThan(5));

        // The next server starts while this one dies.
        var next = StartAsync();
        for (var at = 1; at <= steps.Count; at++)
        {
            var step = $"{at}: {steps[at - 1]}";
            await using var server = await next;
            next = at < steps.Count ? StartAsync() : next;
            var died = false;
            while (!died)
            {
                var subject = await scenario.Prepare();
                try
                {
                    using var armed = await server.Http.GetAsync($"{KillPoints.Path}?at={at}");
                    using var answer = await scenario.Act(server, subject);
                    // The notice timed out before it reached the step: try another one.
                    died = answer.StatusCode != HttpStatusCode.ServiceUnavailable;
                }
                catch (HttpRequestException)
                {
                    // The server died and broke the connection.
                    died = true;
                }
                if (died) await Eventually.HoldsAsync(() => Task.FromResult(server.HasEnded));
                await scenario.Heal(subject, step);
            }
            await TestContext.Out.WriteLineAsync("died at " + step);
        }
    }

    private async Task<(string User, long Uid)> AddBuyerAsync()
    {
        var user = $"buyer{Interlocked.Increment(ref _buyers)}";
        return (user, await _shop.AddUserAsync(user));
    }

    private async Task<Order> AssertFulfilledOnceAsync(Shop.Placed placed, string step)
    {
        var order = await _shop.OrderAsync(placed.Number);
        Assert.That(order.Status, Is.EqualTo(OrderStatus.Fulfilled), step);
        Assert.That((await _shop.LedgerAsync()).Count(e => e.Key == $"order:{order.Id}"), Is.EqualTo(1), step);
        return order;
    }

    private static async Task<HttpResponseMessage> AdminAsync(ServerProcess server, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/admin/" + path) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestServer.AdminKey);
        return await server.Http.SendAsync(request);
    }

    private string CheckReply(string gatewayOrderId)
    {
        var paid = _paid.TryGetValue(gatewayOrderId, out var placed);
        return ScriptedGateway.Signed(new Dictionary<string, string>
        {
            ["mchid"] = ScriptedGateway.Merchant,
            ["out_trade_no"] = placed?.Number ?? "0",
            ["paid_time"] = paid ? "2021-05-07 18:27:39" : "0",
            ["payjs_order_id"] = gatewayOrderId,
            ["return_code"] = "1",
            ["status"] = paid ? "1" : "0",
            ["total_fee"] = "100",
            ["transaction_id"] = paid ? "4200000000202105070000000001" : "0",
        });
    }

    // The first call refunds. The reply to later calls has no signature.
    private string RefundReply(string gatewayOrderId) => _refunds.AddOrUpdate(gatewayOrderId, 1, (_, count) => count + 1) == 1
        ? ScriptedGateway.Signed(new Dictionary<string, string> { ["payjs_order_id"] = gatewayOrderId, ["return_code"] = "1", ["return_msg"] = "退款成功" })
        : $$"""{"payjs_order_id":"{{gatewayOrderId}}","refund":"1","return_code":1,"return_msg":"退款成功"}""";
}
