using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Unpaid orders are cleared after the owner's period, and nothing else is.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class ClearingTests(DatabaseKind kind)
{
    private FakeTimeProvider _clock = null!;
    private Shop _shop = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _shop = await Shop.OpenAsync(kind, _clock, ("Payjs:ChecksPerSecond", "0"));
    }

    [TearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [Test]
    public async Task Old_unpaid_orders_go_and_all_that_is_evidence_or_open_stays()
    {
        var (junk, refused, paid, named, doubtful, open) = (await _shop.BuyCreditsAsync(), await _shop.BuyCreditsAsync(), await _shop.BuyCreditsAsync(),
            await _shop.BuyCreditsAsync(), await _shop.BuyCreditsAsync(), await _shop.BuyCreditsAsync());
        await _shop.Server.NotifyAsync(paid.Notice());
        await _shop.Server.NotifyAsync(ScriptedGateway.Notice(named.Number, named.GatewayOrderId, named.Fen + 1));
        foreach (var order in new[] { junk, refused, named, doubtful }) await CloseAsync(order, order == refused ? "refused by the gateway: no" : order == doubtful ? "closed without knowing" : null);
        await _shop.Server.WithDbAsync(db => db.Orders.Where(o => o.Number == named.Number).ExecuteUpdateAsync(o => o.SetProperty(x => x.Attention, (string?)null)));

        await NightAsync(89);
        Assert.That(await _shop.Server.WithDbAsync(db => db.Orders.CountAsync()), Is.EqualTo(6));
        await NightAsync(2);
        await Eventually.HoldsAsync(async () => await _shop.Server.WithDbAsync(db => db.Orders.CountAsync()) == 4);
        Assert.That(await _shop.Server.WithDbAsync(db => db.Orders.Select(o => o.Number).ToListAsync()),
            Is.EquivalentTo(new[] { paid.Number, named.Number, doubtful.Number, open.Number }));
        Assert.That(await _shop.Server.WithDbAsync(db => db.OrderChecks.CountAsync()), Is.EqualTo(4));
        Assert.That((string)(await _shop.Server.PluginAsync($"&action=payjs_check&key={Shop.TransportKey}&payjs_order_id={junk.GatewayOrderId}"))["result"]!, Is.EqualTo("error0128"));
        Assert.That((string)(await _shop.CheckAsync(paid.GatewayOrderId))["status"]!, Is.EqualTo("2"));
        var (_, report) = await _shop.Server.AdminAsync(HttpMethod.Get, "audit");
        Assert.That((bool)report!["sound"]!, report.ToJsonString());
        // A payment of a cleared order is kept in quarantine.
        Assert.That((await _shop.Server.NotifyAsync(junk.Notice())).Status, Is.Not.EqualTo(HttpStatusCode.OK));
        Assert.That((await _shop.NotificationsAsync())[^1].QuarantineReason, Is.EqualTo("unknown order"));
    }

    [Test]
    public async Task An_owner_who_keeps_them_for_ever_loses_none()
    {
        await _shop.Server.SaveSettingsAsync(new { unpaidOrderDays = 0 });
        await CloseAsync(await _shop.BuyCreditsAsync(), null);
        await NightAsync(4000);
        await NightAsync(1);
        Assert.That(await _shop.Server.WithDbAsync(db => db.Orders.CountAsync()), Is.EqualTo(1));
        var (status, body) = await _shop.Server.AdminAsync(HttpMethod.Put, "settings", new { unpaidOrderDays = 3651 });
        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest), body?.ToJsonString());
        Assert.That((int)(await _shop.Server.AdminAsync(HttpMethod.Get, "settings")).Body!["unpaidOrderDays"]!, Is.Zero);
    }

    private Task<int> CloseAsync(Shop.Placed order, string? attention) => _shop.Server.WithDbAsync(async db =>
    {
        var stored = await db.Orders.SingleAsync(o => o.Number == order.Number);
        stored.Close(attention);
        return await db.SaveChangesAsync();
    });

    /// <summary>Lets days pass until a nightly audit has ended; then orders are cleared.</summary>
    private async Task NightAsync(int days)
    {
        var local = TimeZoneInfo.ConvertTime(_clock.GetUtcNow().AddDays(days), TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));
        var night = DateOnly.FromDateTime(local.DateTime);
        _clock.AdjustTime(local.AddHours(5 - local.Hour).ToUniversalTime());
        await Eventually.HoldsAsync(async () =>
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            return await _shop.Server.WithDbAsync(db => db.NightlyAudits.AnyAsync(a => a.Night == night && a.Report != null));
        });
    }
}
