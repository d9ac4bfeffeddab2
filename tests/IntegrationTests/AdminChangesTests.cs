using System.Net;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Application.Cards;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Changes by admins are recorded: who, from where, what, and the values before and after.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class AdminChangesTests(DatabaseKind kind)
{
    private Shop _shop = null!;

    private TestServer Server => _shop.Server;

    [SetUp]
    public async Task OpenAsync()
    {
        _shop = await Shop.OpenAsync(kind, null, ("KnownProxies", "127.0.0.1,::1"));
        Server.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        await Server.WithDbAsync(db => db.AdminChanges.ExecuteDeleteAsync());
    }

    [TearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [Test]
    public async Task A_change_of_the_settings_tells_what_changed_and_no_secret()
    {
        await Server.SaveSettingsAsync(new { merchantKey = "VerySecretKey001", transportKey = "very-secret-transport", timeRatio = 7200 });
        var change = (await ChangesAsync()).Single()!;
        Assert.That(
            ((string?)change["actor"], (string?)change["address"], (string?)change["action"], (string?)change["subject"]),
            Is.EqualTo(("admin", "203.0.113.9", "ChangeSettings", "settings")));
        Assert.That((change["before"]!["timeRatio"]!.ToJsonString(), change["after"]!["timeRatio"]!.ToJsonString()), Is.EqualTo(("3600", "7200")));
        Assert.That(((string?)change["before"]!["transportKey"], (string?)change["after"]!["transportKey"]), Is.EqualTo(("***", "***")));
        Assert.That(change["after"]!["merchant"]!["key"]!.GetValue<string>(), Is.EqualTo("***"));
        Assert.That(change["after"]!.AsObject().ContainsKey("creditRatios"), Is.False, "what stayed is not told");
        await Server.SaveSettingsAsync(new { merchantId = "1700000001", merchantKey = "VerySecretKey002" });
        change = (await ChangesAsync())[0]!;
        Assert.That(((string?)change["before"]!["merchant"]!["id"], (string?)change["after"]!["merchant"]!["id"]), Is.EqualTo((ScriptedGateway.Merchant, "1700000001")));
        await AssertNoSecretAsync("VerySecret", "very-secret", ScriptedGateway.Key, Shop.TransportKey);
    }

    [Test]
    public async Task Every_change_is_recorded_under_what_it_changed()
    {
        var offer = new { priceFen = 1250, credits = 1, tradeCredits = 2, seconds = 3, devices = 4 };
        await Server.AdminAsync(HttpMethod.Put, "card-rules/7", offer);
        await Server.AdminAsync(HttpMethod.Put, "card-rules/7", offer with { priceFen = 100 });
        await Server.AdminAsync(HttpMethod.Delete, "card-rules/7");
        var rule = await ChangesAsync("card-rule 7");
        Assert.That(rule.Select(c => (string?)c!["action"]), Is.EqualTo(new[] { "RemoveCardRule", "SaveCardRule", "SaveCardRule" }));
        Assert.That((rule[2]!["before"], (long)rule[2]!["after"]!["card-rule 7"]!["priceFen"]!), Is.EqualTo(((JsonNode?)null, 1250L)));
        Assert.That(rule[1]!["before"]!["card-rule 7"]!.ToJsonString(), Is.EqualTo("{\"priceFen\":1250}"));
        Assert.That(rule[1]!["after"]!["card-rule 7"]!.ToJsonString(), Is.EqualTo("{\"priceFen\":100}"));
        Assert.That(((long)rule[0]!["before"]!["card-rule 7"]!["priceFen"]!, rule[0]!["after"]), Is.EqualTo((100L, (JsonNode?)null)));

        var uid = (long)(await Server.AdminAsync(HttpMethod.Post, "users", new { userName = "bob", credits = new[] { 7, 0, 0, 0, 0, 0, 0, 0 } })).Body!["uid"]!;
        await Server.AdminAsync(HttpMethod.Patch, $"users/{uid}", new { enabled = false, addCredits = new[] { 1, 0, 0, 0, 0, 0, 0, 0 } });
        var token = (string)(await Server.AdminAsync(HttpMethod.Post, $"users/{uid}/tokens", new { })).Body!["token"]!;
        var sold = await _shop.BuyKamiAsync();
        await Server.NotifyAsync(sold.Notice());
        var code = (string)(await _shop.CheckAsync(sold.GatewayOrderId))["kami"]!;
        await Server.AdminAsync(HttpMethod.Post, $"users/{uid}/redemptions", new { code });
        var user = await ChangesAsync($"user {uid}");
        Assert.That(user.Select(c => (string?)c!["action"]), Is.EqualTo(new[] { "RedeemKami", "IssueToken", "ChangeUser", "CreateUser" }));
        Assert.That(((string?)user[3]!["after"]![$"user {uid}"]!["userName"], (long)user[3]!["after"]![$"user {uid}"]!["credits1"]!), Is.EqualTo(("bob", 7L)), "with what it opens with");
        Assert.That(user[2]!["before"]![$"user {uid}"]!.ToJsonString(), Is.EqualTo("{\"credits1\":7,\"enabled\":true}").Or.EqualTo("{\"enabled\":true,\"credits1\":7}"));
        Assert.That((long)user[0]!["after"]![$"user {uid}"]!["credits2"]!, Is.EqualTo(12000));

        var open = await _shop.BuyCreditsAsync();
        var order = await _shop.OrderAsync(open.Number);
        await Server.AdminAsync(HttpMethod.Post, $"orders/{order.Id}/confirm", new { reason = "seen" });
        var confirmed = (await ChangesAsync($"order {order.Id}")).Single()!;
        Assert.That(((string?)confirmed["action"], (string?)confirmed["before"]![$"order {order.Id}"]!["status"], (string?)confirmed["after"]![$"order {order.Id}"]!["status"]),
            Is.EqualTo(("ConfirmOrder", "Pending", "Fulfilled")));
        Assert.That((long)confirmed["after"]![$"user {_shop.Uid}"]!["credits2"]!, Is.EqualTo(Shop.CreditRatio), "and what it gave");

        await Server.NotifyAsync(ScriptedGateway.Notice("20990101000000000000", "20990101000000000001", 100));
        var odd = (await _shop.NotificationsAsync()).Single(n => n.QuarantineReason is not null);
        Assert.That((await Server.AdminAsync(HttpMethod.Post, $"notifications/{odd.Id}/judge")).Status, Is.EqualTo(HttpStatusCode.OK));

        var key = await _shop.BuyKamiAsync();
        var keyOrder = await _shop.OrderAsync(key.Number);
        Assert.That(await _shop.ConfirmAsync(key), Is.EqualTo(HttpStatusCode.OK));
        var minted = (string)(await _shop.CheckAsync(key.GatewayOrderId))["kami"]!;
        var kami = (await ChangesAsync($"order {keyOrder.Id}")).Single()!["after"]!.AsObject().Single(p => p.Key.StartsWith("kami ", StringComparison.Ordinal)).Value!;
        Assert.That((minted.Length, (string?)kami["code"]), Is.EqualTo((32, "***")));
        await AssertNoSecretAsync(code, token, Domain.Accounts.AccountToken.HashOf(token), minted);
    }

    [Test]
    public async Task A_refund_is_recorded_when_it_is_asked_for_and_when_it_is_done()
    {
        var paid = await _shop.BuyCreditsAsync();
        await Server.NotifyAsync(paid.Notice());
        var id = (await _shop.OrderAsync(paid.Number)).Id;
        var place = _shop.Gateway.Answer;
        _shop.Gateway.Answer = (call, form) => call != "refund" ? place(call, form) : Task.FromResult("lost");
        Assert.That((await Server.AdminAsync(HttpMethod.Post, $"orders/{id}/refund", new { reason = "sorry" })).Status, Is.EqualTo(HttpStatusCode.BadGateway));
        var asked = await ChangesAsync($"order {id}");
        Assert.That(asked.Select(c => (string?)c!["action"]), Has.All.EqualTo("RefundOrder").And.Not.Empty);
        Assert.That(asked[^1]!["after"]![$"order {id}"]!["refundRequestedAt"], Is.Not.Null);
    }

    [Test]
    public async Task What_is_refused_or_changes_nothing_is_not_recorded()
    {
        Assert.That((await Server.AdminAsync(HttpMethod.Put, "settings", new { minimumFen = 0 })).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await Server.AdminAsync(HttpMethod.Put, "settings", new { version = 1, timeRatio = 1 })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        await Server.SaveSettingsAsync(new { timeRatio = Shop.TimeRatio });
        Assert.That((await Server.AdminAsync(HttpMethod.Delete, "card-rules/77")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await Server.AdminAsync(HttpMethod.Post, "users", new { userName = "BUYER" })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { addDevices = -1 })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { enabled = true })).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await Server.AdminAsync(HttpMethod.Post, "orders/4242/redeliver")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        await Server.AdminAsync(HttpMethod.Get, "settings");
        await Server.NotifyAsync((await _shop.BuyCreditsAsync()).Notice());
        Assert.That(await ChangesAsync(), Is.Empty);
    }

    [Test]
    public async Task A_change_that_no_admin_makes_is_the_systems()
    {
        await using (var scope = Server.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new SaveCardRule(5, 1, 1, 1, 1, 1));
        var change = (await ChangesAsync()).Single()!;
        Assert.That(((string?)change["actor"], (string?)change["address"], (string?)change["subject"]), Is.EqualTo(("system", "", "card-rule 5")));
    }

    [Test]
    public async Task The_list_goes_on_page_by_page()
    {
        for (var n = 1; n <= 103; n++)
            await Server.AdminAsync(HttpMethod.Put, "card-rules/5", new { priceFen = n, credits = 1, tradeCredits = 1, seconds = 1, devices = 1 });
        var first = await ChangesAsync("card-rule 5");
        Assert.That((first.Count, (long)first[0]!["after"]!["card-rule 5"]!["priceFen"]!), Is.EqualTo((100, 103L)));
        var (_, rest) = await Server.AdminAsync(HttpMethod.Get, $"changes?subject=card-rule%205&before={(long)first[99]!["id"]!}");
        Assert.That(rest!.AsArray().Select(c => (long)c!["after"]!["card-rule 5"]!["priceFen"]!), Is.EqualTo(new[] { 3L, 2, 1 }));
        Assert.That(await ChangesAsync("card-rule 6"), Is.Empty);
    }

    private async Task<JsonArray> ChangesAsync(string? subject = null) =>
        (await Server.AdminAsync(HttpMethod.Get, subject is null ? "changes" : "changes?subject=" + Uri.EscapeDataString(subject))).Body!.AsArray();

    private async Task AssertNoSecretAsync(params string[] secrets)
    {
        var rows = await Server.WithDbAsync(db => db.AdminChanges.AsNoTracking().ToListAsync());
        Assert.That(rows, Is.Not.Empty);
        foreach (var secret in secrets) Assert.That(rows.Select(r => r.Before + r.After + r.Subject), Has.None.Contains(secret));
    }
}
