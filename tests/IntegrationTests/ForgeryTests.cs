using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>A message that does not match the order, its merchant and its amount is refused and kept, and changes nothing.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class ForgeryTests(DatabaseKind kind)
{
    private Shop _shop = null!;

    [OneTimeSetUp]
    public async Task OpenAsync() => _shop = await Shop.OpenAsync(kind);

    [OneTimeTearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    private static readonly Dictionary<string, Func<Shop.Placed, Shop.Placed, HttpContent>> Forgeries = new()
    {
        ["forged signature"] = (order, _) => Form(order.Notice() is var n && n.Remove("sign") ? With(n, "sign", new string('A', 32)) : n),
        ["lower-case signature"] = (order, _) => Form(With(order.Notice(), "sign", order.Notice()["sign"].ToLowerInvariant())),
        ["no signature"] = (order, _) => Form(Without(order.Notice(), "sign")),
        ["empty signature"] = (order, _) => Form(With(order.Notice(), "sign", "")),
        ["empty key"] = (order, _) => Form(order.Notice(key: "")),
        ["the order reply's own signed fields"] = (order, _) => Form(order.Reply.AsObject().ToDictionary(f => f.Key, f => f.Value!.ToString())),
        ["another merchant"] = (order, _) => Form(ScriptedGateway.Notice(order.Number, order.GatewayOrderId, order.Fen, merchant: "1600000002")),
        ["changed amount"] = (order, _) => Form(With(order.Notice(), "total_fee", "1")),
        ["changed amount, signed"] = (order, _) => Form(ScriptedGateway.Notice(order.Number, order.GatewayOrderId, order.Fen - 1)),
        ["amount with a sign"] = (order, _) => Form(ScriptedGateway.Sign(With(order.Notice(), "total_fee", "+" + order.Notice()["total_fee"]))),
        ["another order's signature"] = (order, other) => Form(With(order.Notice(), "sign", other.Notice()["sign"])),
        ["another order's gateway id, signed"] = (order, other) => Form(ScriptedGateway.Notice(order.Number, other.GatewayOrderId, order.Fen)),
        ["unknown order, signed"] = (order, _) => Form(ScriptedGateway.Notice("20210506215111000000", order.GatewayOrderId, order.Fen)),
        ["no time"] = (order, _) => Form(ScriptedGateway.Sign(Without(order.Notice(), "time_end"))),
        ["time that is none"] = (order, _) => Form(ScriptedGateway.Sign(With(order.Notice(), "time_end", "yesterday"))),
        ["no openid"] = (order, _) => Form(ScriptedGateway.Sign(Without(order.Notice(), "openid"))),
        ["empty transaction"] = (order, _) => Form(ScriptedGateway.Sign(With(order.Notice(), "transaction_id", ""))),
        ["return_code 0"] = (order, _) => Form(ScriptedGateway.Sign(With(order.Notice(), "return_code", "0"))),
        ["doubled field"] = (order, _) => Form(order.Notice().Append(KeyValuePair.Create("total_fee", "100"))),
        ["nested field"] = (order, _) => Form(ScriptedGateway.Sign(With(order.Notice(), "attach[x]", "1"))),
        ["JSON"] = (order, _) => JsonContent.Create(order.Notice()),
        ["multipart"] = (order, _) => Multipart(order.Notice()),
        ["empty body"] = (_, _) => Form([]),
        ["no UTF-8"] = (order, _) => new ByteArrayContent("attach=%FF&out_trade_no=1"u8.ToArray()) { Headers = { ContentType = new("application/x-www-form-urlencoded") } },
    };

    private static IEnumerable<string> Names => Forgeries.Keys;

    [TestCaseSource(nameof(Names))]
    public async Task It_is_refused_kept_and_changes_nothing(string name)
    {
        var order = await _shop.BuyCreditsAsync("2");
        var other = await _shop.BuyCreditsAsync("2");
        var before = await StateAsync();
        var kept = (await _shop.NotificationsAsync()).Count;

        // A new server has a full quota for unsigned notices: that limit is not tested here.
        await using var fresh = TestServer.Start(_shop.Database, _shop.Gateway.Address);
        using var response = await fresh.Http.PostAsync("/payjs/notify", Forgeries[name](order, other));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await StateAsync(), Is.EqualTo(before));
        var quarantined = await _shop.NotificationsAsync();
        Assert.That(quarantined, Has.Count.EqualTo(kept + 1));
        Assert.That(quarantined[^1].QuarantineReason, Is.Not.Null);
        Assert.That((await _shop.OrderAsync(order.Number)).Status, Is.EqualTo(OrderStatus.Pending));
    }

    [Test]
    public async Task A_buyers_text_that_regroups_into_the_fields_of_a_larger_order_is_refused()
    {
        var large = await _shop.BuyCreditsAsync("100");
        // The gateway joins values without escaping. With this text, a small order's joined notice, split at other places, reads as the
        // large order's: its true fields end up inside the last value.
        var attach = $"1&mchid={ScriptedGateway.Merchant}&openid=o&out_trade_no={large.Number}&payjs_order_id={large.GatewayOrderId}"
            + $"&return_code=1&time_end=2021-05-07 18:27:39&total_fee={large.Fen}&transaction_id=42";
        // The legacy endpoint accepts at most 127 characters. A longer text shows that the notice check refuses it by itself.
        var small = await _shop.BuyCreditsAsync("0.1");
        var genuine = small.Notice(attach: attach);
        var regrouped = new Dictionary<string, string>
        {
            ["attach"] = "1",
            ["mchid"] = ScriptedGateway.Merchant,
            ["openid"] = "o",
            ["out_trade_no"] = large.Number,
            ["payjs_order_id"] = large.GatewayOrderId,
            ["return_code"] = "1",
            ["time_end"] = "2021-05-07 18:27:39",
            ["total_fee"] = large.Fen.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["transaction_id"] = $"42&mchid={ScriptedGateway.Merchant}&openid={genuine["openid"]}&out_trade_no={small.Number}&payjs_order_id={small.GatewayOrderId}"
                + $"&return_code=1&time_end={genuine["time_end"]}&total_fee={small.Fen}&transaction_id={genuine["transaction_id"]}",
            ["sign"] = genuine["sign"],
        };
        Assert.That(Infrastructure.Payjs.PayjsSign.Verify(regrouped, ScriptedGateway.Key, genuine["sign"]), "the forgery's signature is right");

        var (status, _) = await _shop.Server.NotifyAsync(regrouped);
        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        var order = await _shop.OrderAsync(large.Number);
        Assert.That(order.Status, Is.EqualTo(OrderStatus.Pending));
        Assert.That(order.Attention, Is.Null, "what is no whole notice says nothing about an order");
        Assert.That((await _shop.NotificationsAsync())[^1].QuarantineReason, Does.Contain("transaction_id"));
        Assert.That((await _shop.Server.NotifyAsync(genuine)).Status, Is.EqualTo(HttpStatusCode.OK), "the small order's own payment counts");
    }

    [Test]
    public async Task The_order_reply_posted_back_marks_no_order_and_has_a_quota()
    {
        var (open, paid) = (await _shop.BuyCreditsAsync(), await _shop.BuyCreditsAsync());
        await using var fresh = TestServer.Start(_shop.Database, _shop.Gateway.Address);
        await fresh.NotifyAsync(paid.Notice());
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 30; i++)
            statuses.Add((await fresh.NotifyAsync((i % 2 == 0 ? open : paid).Reply.AsObject().ToDictionary(f => f.Key, f => f.Value!.ToString()))).Status);

        Assert.That(statuses.Take(20), Is.All.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(statuses, Has.Some.EqualTo(HttpStatusCode.TooManyRequests));
        foreach (var placed in new[] { open, paid }) Assert.That((await _shop.OrderAsync(placed.Number)).Attention, Is.Null);
        Assert.That((await fresh.NotifyAsync(open.Notice())).Status, Is.EqualTo(HttpStatusCode.OK), "a genuine notice from the same address counts");
    }

    [Test]
    public async Task A_whole_notice_that_contradicts_its_order_marks_it_and_an_admin_dismisses_that()
    {
        var placed = await _shop.BuyCreditsAsync();
        Assert.That((await _shop.Server.NotifyAsync(ScriptedGateway.Notice(placed.Number, placed.GatewayOrderId, placed.Fen - 1))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        var order = await _shop.OrderAsync(placed.Number);
        Assert.That(order.Attention, Is.EqualTo("quarantined notification: another amount"));
        Assert.That((await _shop.NotificationsAsync())[^1].Signed, "it is kept for ever");

        Assert.That((await DismissAsync(order.Id, "")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await DismissAsync(4711, "r")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        var (status, dismissed) = await DismissAsync(order.Id, "a test of PAYJS");
        Assert.That((status, dismissed!["attention"]), Is.EqualTo((HttpStatusCode.OK, (JsonNode?)null)));
        Assert.That((await _shop.OrderAsync(placed.Number)).Attention, Is.Null);
    }

    [Test]
    public async Task Attention_is_not_dismissed_while_money_is_on_its_way()
    {
        var poor = await _shop.AddUserAsync("full");
        await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{poor}", new { addCredits = new[] { 0, int.MaxValue - 1000, 0, 0, 0, 0, 0, 0 } });
        var (undelivered, refunding) = (await _shop.BuyCreditsAsync("90", user: "full"), await _shop.BuyCreditsAsync("90", user: "full"));
        Assert.That((await _shop.Server.NotifyAsync(refunding.Notice())).Text, Is.EqualTo("success"));
        Assert.That((await _shop.Server.NotifyAsync(undelivered.Notice())).Text, Is.EqualTo("success"));
        var order = await _shop.OrderAsync(undelivered.Number);
        Assert.That(order.Status, Is.EqualTo(OrderStatus.NeedsAttention));
        Assert.That((await DismissAsync(order.Id, "r")).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await _shop.OrderAsync(undelivered.Number)).Attention, Is.EqualTo(order.Attention));

        // The scripted gateway does not support refunds.
        var id = (await _shop.OrderAsync(refunding.Number)).Id;
        await _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/refund", new { reason = "r" });
        Assert.That((await _shop.OrderAsync(refunding.Number)).RefundRequestedAt, Is.Not.Null);
        Assert.That((await DismissAsync(id, "r")).Status, Is.EqualTo(HttpStatusCode.Conflict));
    }

    private Task<(HttpStatusCode Status, JsonNode? Body)> DismissAsync(long id, string reason) =>
        _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/dismiss", new { reason });

    private Task<string> StateAsync() => _shop.Server.WithDbAsync(async db => string.Join('|',
        (await db.Orders.AsNoTracking().OrderBy(o => o.Id).Select(o => $"{o.Number} {o.Status} {o.GatewayOrderId} {o.PaidAt}").ToListAsync())
            .Concat(await db.UserAccounts.AsNoTracking().Select(a => $"{a.Uid} {a.Credits2} {a.CardTimeExpiry}").ToListAsync())
            .Concat(await db.LedgerEntries.AsNoTracking().OrderBy(e => e.Id).Select(e => $"{e.Id} {e.After}").ToListAsync())
            .Append($"{await db.Kamis.CountAsync()} kamis")));

    private static FormUrlEncodedContent Form(IEnumerable<KeyValuePair<string, string>> fields) => new(fields);

    private static MultipartFormDataContent Multipart(Dictionary<string, string> fields)
    {
        var content = new MultipartFormDataContent();
        foreach (var (name, value) in fields) content.Add(new StringContent(value), name);
        return content;
    }

    private static Dictionary<string, string> With(Dictionary<string, string> fields, string name, string value)
    {
        fields[name] = value;
        return fields;
    }

    private static Dictionary<string, string> Without(Dictionary<string, string> fields, string name)
    {
        fields.Remove(name);
        return fields;
    }
}
