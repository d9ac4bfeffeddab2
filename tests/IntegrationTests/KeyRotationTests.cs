using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Which merchant key is valid for which order: a retired key for orders made before, a revoked key for no order.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class KeyRotationTests(DatabaseKind kind)
{
    private const string NewKey = "AnotherKey000001";

    private FakeTimeProvider _clock = null!;
    private Shop _shop = null!;
    private string _signsWith = ScriptedGateway.Key;

    [SetUp]
    public async Task OpenAsync()
    {
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _shop = await Shop.OpenAsync(kind, _clock);
        _signsWith = ScriptedGateway.Key;
        var orders = 0;
        _shop.Gateway.Answer = (call, form) => Task.FromResult(call switch
        {
            "native" => ScriptedGateway.Reply(form, $"2021050621510700657{Interlocked.Increment(ref orders):000000}", key: _signsWith),
            "check" => ScriptedGateway.Signed(new Dictionary<string, string>
            {
                ["mchid"] = ScriptedGateway.Merchant,
                ["out_trade_no"] = _shop.Gateway.Requests.Last().Form["out_trade_no"],
                ["paid_time"] = "2021-05-07 18:27:39",
                ["payjs_order_id"] = form["payjs_order_id"],
                ["return_code"] = "1",
                ["status"] = "1",
                ["total_fee"] = "100",
                ["transaction_id"] = "4200000000202105070000000001",
            }, _signsWith),
            _ => """{"return_code":0,"return_msg":"no"}""",
        });
    }

    [TearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [Test]
    public async Task A_retired_key_pays_the_orders_made_before_and_no_others()
    {
        var before = await _shop.BuyCreditsAsync();
        await RotateAsync();
        var after = await _shop.BuyCreditsAsync();

        Assert.That((await _shop.Server.NotifyAsync(after.Notice())).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        var order = await _shop.OrderAsync(after.Number);
        Assert.That((order.Status, order.Attention, order.KeyNumber), Is.EqualTo((OrderStatus.Pending, (string?)null, 2)));
        Assert.That((await _shop.NotificationsAsync()).Single().QuarantineReason, Is.EqualTo("signed by a key that was retired before the order was made"));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.Zero);

        Assert.That((await _shop.Server.NotifyAsync(before.Notice())).Text, Is.EqualTo("success"));
        Assert.That((await _shop.Server.NotifyAsync(after.Notice(key: NewKey))).Text, Is.EqualTo("success"));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(2 * Shop.CreditRatio));
    }

    [Test]
    public async Task A_check_signed_with_a_retired_key_pays_no_order_made_since()
    {
        await RotateAsync();
        var placed = await _shop.BuyCreditsAsync();
        _signsWith = ScriptedGateway.Key;
        Assert.That((await ReconcileAsync(placed)).Status, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Pending));
        _signsWith = NewKey;
        Assert.That((await ReconcileAsync(placed)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
    }

    [Test]
    public async Task A_revoked_key_pays_nothing_and_the_payment_is_found_by_asking()
    {
        var placed = await _shop.BuyCreditsAsync();
        Assert.That((await RevokeAsync(1)).Status, Is.EqualTo(HttpStatusCode.BadRequest), "it is in use");
        await RotateAsync();
        var (_, settings) = await _shop.Server.AdminAsync(HttpMethod.Get, "settings");
        var retired = settings!["retiredKeys"]!.AsArray().Single()!;
        Assert.That(((int)settings["merchantKeyNumber"]!, (string)retired["merchantId"]!, (int)retired["number"]!), Is.EqualTo((2, ScriptedGateway.Merchant, 1)));
        Assert.That(settings.ToJsonString(), Does.Not.Contain(ScriptedGateway.Key).And.Not.Contain(NewKey));

        Assert.That((await RevokeAsync(2)).Status, Is.EqualTo(HttpStatusCode.BadRequest), "it is in use");
        Assert.That((await RevokeAsync(3)).Status, Is.EqualTo(HttpStatusCode.BadRequest), "there is none");
        Assert.That((await RevokeAsync(1, "1600000009")).Status, Is.EqualTo(HttpStatusCode.BadRequest), "it is another merchant's");
        var (status, view) = await RevokeAsync(1);
        Assert.That((status, view!["retiredKeys"]!.AsArray().Count), Is.EqualTo((HttpStatusCode.OK, 0)));

        Assert.That((await _shop.Server.NotifyAsync(placed.Notice())).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        _signsWith = ScriptedGateway.Key;
        Assert.That((await ReconcileAsync(placed)).Status, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Pending));
        _signsWith = NewKey;
        Assert.That((await ReconcileAsync(placed)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
    }

    [Test]
    public async Task A_key_that_is_back_in_use_is_not_revoked_under_its_old_number()
    {
        await RotateAsync();
        await RotateAsync(ScriptedGateway.Key);
        Assert.That((await RevokeAsync(1)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await RevokeAsync(2)).Status, Is.EqualTo(HttpStatusCode.OK));
        var placed = await _shop.BuyCreditsAsync();
        Assert.That((await _shop.Server.NotifyAsync(placed.Notice())).Text, Is.EqualTo("success"));
    }

    [Test]
    public async Task Settings_and_orders_from_before_keys_had_numbers_go_by_the_time()
    {
        var (early, late) = (await _shop.BuyCreditsAsync(), await _shop.BuyCreditsAsync());
        await RotateAsync();
        await _shop.Server.WithDbAsync(async db =>
        {
            await db.Orders.ExecuteUpdateAsync(o => o.SetProperty(x => x.KeyNumber, 0));
            var minutesOn = _clock.GetUtcNow().AddMinutes(11);
            await db.Orders.Where(o => o.Number == late.Number).ExecuteUpdateAsync(o => o.SetProperty(x => x.CreatedAt, minutesOn));
            var row = await db.Settings.SingleAsync();
            row.Document = WithoutNumbers(row.Document);
            return await db.SaveChangesAsync();
        });
        _clock.Advance(TimeSpan.FromSeconds(3));
        await using var restarted = TestServer.Start(_shop.Database, _shop.Gateway.Address, _clock);
        Assert.That((await restarted.NotifyAsync(late.Notice())).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await restarted.NotifyAsync(early.Notice())).Text, Is.EqualTo("success"));
        Assert.That((await restarted.NotifyAsync(late.Notice(key: NewKey))).Text, Is.EqualTo("success"));
        Assert.That((int)(await restarted.AdminAsync(HttpMethod.Get, "settings")).Body!["merchantKeyNumber"]!, Is.EqualTo(2));
    }

    private static string WithoutNumbers(string document)
    {
        var settings = JsonNode.Parse(document)!;
        settings["Merchant"]!.AsObject().Remove("Number");
        foreach (var retired in settings["RetiredMerchants"]!.AsArray()) retired!.AsObject().Remove("Number");
        return settings.ToJsonString();
    }

    private async Task RotateAsync(string key = NewKey)
    {
        await _shop.Server.SaveSettingsAsync(new { merchantKey = key });
        _signsWith = key;
    }

    private Task<(HttpStatusCode Status, JsonNode? Body)> RevokeAsync(int number, string merchant = ScriptedGateway.Merchant) =>
        _shop.Server.AdminAsync(HttpMethod.Post, "settings/revoke-key", new { merchantId = merchant, keyNumber = number });

    private async Task<(HttpStatusCode Status, JsonNode? Body)> ReconcileAsync(Shop.Placed placed) =>
        await _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{(await _shop.OrderAsync(placed.Number)).Id}/reconcile");
}
