using System.Net;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Application.Orders;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Two gateways whose merchants, keys and ids are equal: each confirms only its own orders.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class GatewaysTests(DatabaseKind kind)
{
    private SecondGateway _second = null!;
    private Shop _shop = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _second = new SecondGateway();
        _shop = await Shop.OpenWithAsync(_second, await Database.CreateAsync(kind), null, ("Payjs:ChecksPerSecond", "0"));
    }

    [TearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [Test]
    public async Task A_payment_is_of_its_own_gateways_order()
    {
        var first = await _shop.BuyCreditsAsync();
        var second = await BuyAtSecondAsync(first.GatewayOrderId);

        // One order's number with the id of both.
        Assert.That(await NotifySecondAsync(first.Number, first.GatewayOrderId), Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await _shop.Server.NotifyAsync(ScriptedGateway.Notice(second.Number, first.GatewayOrderId, 100))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await StatusAsync(first.Number), await StatusAsync(second.Number)), Is.EqualTo((OrderStatus.Pending, OrderStatus.Pending)));
        Assert.That((await _shop.NotificationsAsync()).Select(n => (n.Gateway, n.Signed, n.QuarantineReason)), Is.EqualTo(new[] { ("second", true, "another gateway"), ("payjs", true, "another gateway") }));

        Assert.That(await NotifySecondAsync(second.Number, first.GatewayOrderId), Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await StatusAsync(first.Number), await StatusAsync(second.Number)), Is.EqualTo((OrderStatus.Pending, OrderStatus.Fulfilled)));
        Assert.That((await _shop.Server.NotifyAsync(first.Notice())).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(first.Number), Is.EqualTo(OrderStatus.Fulfilled));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(2 * Shop.CreditRatio));
        var (_, report) = await _shop.Server.AdminAsync(HttpMethod.Get, "audit");
        Assert.That((bool)report!["sound"]!, report.ToJsonString());
    }

    // The id that clients poll must be unique.
    [Test]
    public async Task A_client_polls_its_own_order()
    {
        var first = await _shop.BuyCreditsAsync();
        var second = await BuyAtSecondAsync(first.GatewayOrderId);
        Assert.That(second.GatewayOrderId, Is.EqualTo(second.Number), "the id that the client was told");
        await NotifySecondAsync(second.Number, first.GatewayOrderId);

        var (one, other) = (await _shop.CheckAsync(first.GatewayOrderId), await _shop.CheckAsync(second.GatewayOrderId));
        Assert.That(((string?)one["payjs_order_id"], (string?)one["status"], (string?)one["nums"]?.ToString()), Is.EqualTo((first.GatewayOrderId, "1", "1")));
        Assert.That(((string?)other["payjs_order_id"], (string?)other["status"], (string?)other["nums"]?.ToString()), Is.EqualTo((second.Number, "2", "1")));
        // An order of the clients' own gateway has no other id.
        Assert.That((string)(await _shop.Server.PluginAsync($"&action=payjs_check&key={Shop.TransportKey}&payjs_order_id={first.Number}"))["result"]!, Is.EqualTo("error0128"));
        var waited = await _shop.Server.PluginAsync($"&action=payjs_check&wait=1&key={Shop.TransportKey}&payjs_order_id={first.GatewayOrderId}");
        Assert.That((string?)waited["data"]!["payjs_order_id"], Is.EqualTo(first.GatewayOrderId));
    }

    [Test]
    public async Task An_order_is_asked_about_at_its_own_gateway_whichever_is_in_use()
    {
        var second = await BuyAtSecondAsync("a");
        await UseAsync("payjs", ScriptedGateway.Key);
        var order = await _shop.OrderAsync(second.Number);
        _second.Paid["a"] = order;
        var (status, body) = await _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{order.Id}/reconcile");
        Assert.That((status, (string?)body?["status"], (string?)body?["gateway"]), Is.EqualTo((HttpStatusCode.OK, "Fulfilled", "second")));
        Assert.That(_second.Questions, Is.EqualTo(new[] { "a" }));
        Assert.That(_shop.Gateway.Questions, Is.Empty);
    }

    [Test]
    public async Task A_kept_notice_is_judged_again_by_its_own_gateway()
    {
        await UseAsync("second", "other-key");
        var second = await _shop.BuyCreditsAsync();
        var id = (await _shop.OrderAsync(second.Number)).GatewayOrderId!;
        using (var refused = await _shop.Server.Http.PostAsync("/second/notify", SecondGateway.Notice(ScriptedGateway.Merchant, "late-key", second.Number, id, 100)))
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        await UseAsync("second", "late-key");
        var kept = (await _shop.NotificationsAsync()).Single();
        var (_, judged) = await _shop.Server.AdminAsync(HttpMethod.Post, $"notifications/{kept.Id}/judge");
        Assert.That(((bool)judged!["signed"]!, (string?)judged["gateway"], (string?)judged["orderNumber"]), Is.EqualTo((true, "second", second.Number)), judged.ToJsonString());
        Assert.That(await StatusAsync(second.Number), Is.EqualTo(OrderStatus.Fulfilled));
    }

    // Older versions have one gateway, store notices as text, and may still run beside this one.
    [Test]
    public async Task Rows_of_an_older_version_are_of_its_gateway()
    {
        var placed = await _shop.BuyCreditsAsync();
        var text = await new FormUrlEncodedContent(placed.Notice()).ReadAsStringAsync();
        await _shop.Server.WithDbAsync(db => db.Database.ExecuteSqlAsync($"""
            INSERT INTO Notifications (Source, ContentHash, Signed, OrderNumber, QuarantineReason, Content, ReceivedAt)
            VALUES (1, 'old', 0, {placed.Number}, 'the signature is wrong', {text}, 5)
            """));
        var kept = (await _shop.NotificationsAsync()).Single();
        var (_, judged) = await _shop.Server.AdminAsync(HttpMethod.Post, $"notifications/{kept.Id}/judge");
        Assert.That(((bool)judged!["signed"]!, (string?)judged["gateway"], (string?)judged["content"]), Is.EqualTo((true, "payjs", text)), judged.ToJsonString());
        Assert.That(await StatusAsync(placed.Number), Is.EqualTo(OrderStatus.Fulfilled));
    }

    [Test]
    public async Task Each_gateway_is_asked_at_its_own_times_and_rate()
    {
        var made = TimeProvider.System.GetUtcNow();
        var clock = new FakeTimeProvider(made);
        await using var shop = await Shop.OpenWithAsync(new SecondGateway { ChecksPerSecond = 2 }, await Database.CreateAsync(kind), clock);
        await shop.BuyCreditsAsync();
        await shop.Server.SaveSettingsAsync(new { gateway = "second", merchantId = "1", merchantKey = "12345678" });
        foreach (var _ in new int[3]) await shop.BuyCreditsAsync();
        // The second gateway's first query comes after 5 s, the other's after 50 s.
        Assert.That((await ClaimAsync("second", 4), await ClaimAsync("second", 6), await ClaimAsync("payjs", 6)), Is.EqualTo((0, 2, 0)));
        Assert.That((await ClaimAsync("second", 6.5), await ClaimAsync("second", 7.5), await ClaimAsync("payjs", 51)), Is.EqualTo((0, 1, 1)));

        async Task<int> ClaimAsync(string gateway, double seconds)
        {
            // This fires no timer: the server claims nothing.
            clock.AdjustTime(made.AddSeconds(seconds));
            await using var scope = shop.Server.Services.CreateAsyncScope();
            return (await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ClaimDueOrders(gateway, 100))).Count;
        }
    }

    [Test]
    public async Task Another_gateway_needs_its_merchant_and_key_and_has_to_exist()
    {
        foreach (var change in new object[] { new { gateway = "second" }, new { gateway = "second", merchantKey = "12345678" }, new { gateway = "third", merchantId = "1", merchantKey = "12345678" } })
            Assert.That((await _shop.Server.AdminAsync(HttpMethod.Put, "settings", change)).Status, Is.EqualTo(HttpStatusCode.BadRequest), change.ToString());
        await _shop.Server.SaveSettingsAsync(new { gateway = "payjs" });
        Assert.That((string?)(await _shop.Server.AdminAsync(HttpMethod.Get, "settings")).Body!["gateway"], Is.EqualTo("payjs"));
        using var unknown = await _shop.Server.Http.PostAsync("/third/notify", null);
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private Task UseAsync(string gateway, string key) => _shop.Server.SaveSettingsAsync(new { gateway, merchantId = ScriptedGateway.Merchant, merchantKey = key });

    private async Task<Shop.Placed> BuyAtSecondAsync(string id)
    {
        await UseAsync("second", ScriptedGateway.Key);
        _second.Ids.Enqueue(id);
        return await _shop.BuyCreditsAsync();
    }

    private async Task<HttpStatusCode> NotifySecondAsync(string number, string id)
    {
        using var response = await _shop.Server.Http.PostAsync("/second/notify", SecondGateway.Notice(ScriptedGateway.Merchant, ScriptedGateway.Key, number, id, 100));
        return response.StatusCode;
    }

    private async Task<OrderStatus> StatusAsync(string number) => (await _shop.OrderAsync(number)).Status;
}
