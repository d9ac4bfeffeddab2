using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>A payment is fulfilled exactly once, no matter how and how often the gateway reports it.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class NotifyTests(DatabaseKind kind)
{
    private Shop _shop = null!;

    [SetUp]
    public async Task OpenAsync() => _shop = await Shop.OpenAsync(kind);

    [TearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [Test]
    public async Task Credits_are_credited()
    {
        var placed = await _shop.BuyCreditsAsync("12.5");
        await AssertAcceptedAsync(placed.Notice());

        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(125));
        var entry = (await _shop.LedgerAsync()).Single();
        var order = await _shop.OrderAsync(placed.Number);
        Assert.Multiple(() =>
        {
            Assert.That((entry.Key, entry.Kind, entry.Delta, entry.Before, entry.After), Is.EqualTo(($"order:{order.Id}", LedgerKind.Credits2, 125L, 0L, 125L)));
            Assert.That(order.Status, Is.EqualTo(OrderStatus.Fulfilled));
            // 18:27:39 in the notice is China time.
            Assert.That(order.PaidAt, Is.EqualTo(new DateTimeOffset(2021, 5, 7, 10, 27, 39, TimeSpan.Zero)));
        });
        var evidence = (await _shop.NotificationsAsync()).Single();
        Assert.That((evidence.Signed, evidence.OrderNumber, evidence.QuarantineReason), Is.EqualTo((true, placed.Number, (string?)null)));
        var check = await _shop.CheckAsync(placed.GatewayOrderId);
        Assert.That(((string?)check["status"], (string?)check["time_end"], (string?)check["creditsval"]), Is.EqualTo(("2", "1620383259", "125")));
    }

    [Test]
    public async Task Card_time_is_counted_from_fulfilment()
    {
        var placed = await _shop.BuyCardTimeAsync("2");
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await AssertAcceptedAsync(placed.Notice());
        var after = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        Assert.That((await _shop.AccountAsync()).CardTimeExpiry, Is.InRange(before + 2 * Shop.TimeRatio, after + 2 * Shop.TimeRatio));
        Assert.That((await _shop.LedgerAsync()).Single().Kind, Is.EqualTo(LedgerKind.CardTime));
    }

    [Test]
    public async Task A_kami_is_shown_once_paid_and_carries_what_was_promised()
    {
        var placed = await _shop.BuyKamiAsync();
        Assert.That((string?)(await _shop.CheckAsync(placed.GatewayOrderId))["kami"], Is.Empty);
        // A change of the rule does not affect the order.
        await _shop.Server.AdminAsync(HttpMethod.Put, "card-rules/9", new { priceFen = 100, credits = 1, tradeCredits = 1, seconds = 1, devices = 1 });
        await AssertAcceptedAsync(placed.Notice());

        var kami = await _shop.Server.WithDbAsync(db => db.Kamis.SingleAsync());
        Assert.That((kami.Credits, kami.TradeCredits, kami.Seconds, kami.Devices), Is.EqualTo((12000L, 13000L, 1000000L, 10L)));
        Assert.That((string?)(await _shop.CheckAsync(placed.GatewayOrderId))["kami"], Is.EqualTo(kami.Code).And.Match("^[0-9A-F]{32}$"));
        Assert.That((await _shop.LedgerAsync()).Single().Kind, Is.EqualTo(LedgerKind.Kami));
    }

    [Test]
    public async Task The_same_notice_a_hundred_times_over_sixteen_connections_fulfils_once()
    {
        var credits = await _shop.BuyCreditsAsync("3");
        var kami = await _shop.BuyKamiAsync();
        foreach (var placed in new[] { credits, kami })
        {
            var statuses = new List<HttpStatusCode>();
            await Parallel.ForEachAsync(Enumerable.Range(0, 100), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
            {
                var (status, text) = await _shop.Server.NotifyAsync(placed.Notice());
                lock (statuses) statuses.Add(status);
                Assert.That(text == "success", Is.EqualTo(status == HttpStatusCode.OK));
            });
            // A notice that waited too long for the lock is sent again; "success" always means that it is stored.
            Assert.That(statuses, Is.All.EqualTo(HttpStatusCode.OK));
            await AssertAcceptedAsync(placed.Notice());
        }
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(30));
        Assert.That(await _shop.LedgerAsync(), Has.Count.EqualTo(2));
        Assert.That(await _shop.Server.WithDbAsync(db => db.Kamis.CountAsync()), Is.EqualTo(1));
        Assert.That(await _shop.NotificationsAsync(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_notice_that_comes_before_the_gateways_reply_fulfils()
    {
        _shop.Gateway.Answer = async (_, form) =>
        {
            var id = "2021050718271700671200001";
            await AssertAcceptedAsync(ScriptedGateway.Notice(form["out_trade_no"], id, 100));
            return ScriptedGateway.Reply(form, id);
        };
        var placed = await _shop.BuyCreditsAsync();
        var order = await _shop.OrderAsync(placed.Number);
        Assert.That((order.Status, order.GatewayOrderId, order.Attention), Is.EqualTo((OrderStatus.Fulfilled, placed.GatewayOrderId, (string?)null)));
    }

    [Test]
    public async Task An_order_whose_reply_was_lost_is_fulfilled_by_its_number()
    {
        _shop.Gateway.Answer = (_, _) => Task.FromResult("<html>bad gateway</html>");
        Assert.That((string?)(await _shop.Server.PluginAsync($"&action=payjs_credit&credits=2&money=1&username=buyer&body=b&key={Shop.TransportKey}"))["result"], Is.EqualTo("error0020"));
        var number = await _shop.Server.WithDbAsync(db => db.Orders.Select(o => o.Number).SingleAsync());
        await AssertAcceptedAsync(ScriptedGateway.Notice(number, "2021050718271700671200002", 100));
        Assert.That((await _shop.OrderAsync(number)).Status, Is.EqualTo(OrderStatus.Fulfilled));
    }

    [Test]
    public async Task Money_for_an_order_that_was_closed_is_fulfilled_and_marked_late()
    {
        var placed = await _shop.BuyCreditsAsync();
        _shop.Gateway.Answer = (_, form) => Task.FromResult(ScriptedGateway.Signed(
            new Dictionary<string, string> { ["payjs_order_id"] = form["payjs_order_id"], ["return_code"] = "1", ["return_msg"] = "SUCCESS" }));
        var id = (await _shop.OrderAsync(placed.Number)).Id;
        await _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/close");
        Assert.That((await _shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Closed));

        await AssertAcceptedAsync(placed.Notice());
        var order = await _shop.OrderAsync(placed.Number);
        Assert.That((order.Status, order.PaidLate), Is.EqualTo((OrderStatus.Fulfilled, true)));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
    }

    [Test]
    public async Task A_disabled_account_gets_what_it_paid_for()
    {
        var placed = await _shop.BuyCreditsAsync();
        await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { enabled = false });
        await AssertAcceptedAsync(placed.Notice());
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
    }

    [TestCase("gone")]
    [TestCase("permanent")]
    [TestCase("full")]
    public async Task What_cannot_be_delivered_is_taken_and_left_to_an_admin(string what)
    {
        var placed = what == "full" ? await _shop.BuyCreditsAsync() : await _shop.BuyCardTimeAsync();
        if (what == "gone") await _shop.Server.WithDbAsync(db => db.UserAccounts.Where(a => a.Uid == _shop.Uid).ExecuteDeleteAsync());
        if (what == "permanent") await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { cardTimeExpiry = 0 });
        // The order would exceed the largest balance by one.
        if (what == "full") await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { addCredits = new[] { 0, int.MaxValue - Shop.CreditRatio + 1, 0, 0, 0, 0, 0, 0 } });
        var ledger = await _shop.LedgerAsync();

        await AssertAcceptedAsync(placed.Notice());
        await AssertAcceptedAsync(placed.Notice());
        var order = await _shop.OrderAsync(placed.Number);
        Assert.That(order.Status, Is.EqualTo(OrderStatus.NeedsAttention));
        Assert.That(order.Attention, Does.StartWith("paid, but not delivered"));
        Assert.That(await _shop.LedgerAsync(), Has.Count.EqualTo(ledger.Count));
        var check = await _shop.CheckAsync(placed.GatewayOrderId);
        Assert.That(((string?)check["status"], (string?)check["time_end"]), Is.EqualTo(("1", "0")));
        if (what == "gone") return;

        // The admin repairs the account and redelivers: repeated calls deliver once.
        Assert.That((string?)(await _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{order.Id}/redeliver")).Body!["status"], Is.EqualTo("NeedsAttention"));
        if (what == "permanent") await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { cardTimeExpiry = 1 });
        else await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { addCredits = new[] { 0, -1, 0, 0, 0, 0, 0, 0 } });
        foreach (var _ in new[] { 1, 2 })
        {
            var (_, delivered) = await _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{order.Id}/redeliver");
            Assert.That(((string?)delivered!["status"], (string?)delivered["attention"]), Is.EqualTo(("Fulfilled", (string?)null)));
        }
        Assert.That((await _shop.LedgerAsync()).Count(e => e.Key == $"order:{order.Id}"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_key_that_was_changed_while_an_order_was_open_still_counts()
    {
        var first = await _shop.BuyCreditsAsync();
        var second = await _shop.BuyCreditsAsync();
        await _shop.Server.SaveSettingsAsync(new { merchantKey = "AnotherKey000001" });
        await AssertAcceptedAsync(first.Notice());
        await AssertAcceptedAsync(second.Notice(key: "AnotherKey000001"));

        var third = await _shop.Server.PluginAsync($"&action=payjs_credit&credits=2&money=1&username=buyer&body=b&key={Shop.TransportKey}");
        Assert.That((string?)third["result"], Is.EqualTo("error0020"), "the gateway still signs with the old key: a reply under a retired key is not believed");
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(2 * Shop.CreditRatio));
    }

    [Test]
    public async Task An_order_is_its_merchants_whoever_is_the_merchant_now()
    {
        var placed = await _shop.BuyCreditsAsync();
        await _shop.Server.SaveSettingsAsync(new { merchantId = "1700000001", merchantKey = "AnotherKey000001" });
        var (status, _) = await _shop.Server.NotifyAsync(ScriptedGateway.Notice(placed.Number, placed.GatewayOrderId, placed.Fen, "AnotherKey000001", "1700000001"));
        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        await AssertAcceptedAsync(placed.Notice());
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
    }

    [Test]
    public async Task A_second_transaction_marks_its_order_once_with_both_ids()
    {
        var placed = await _shop.BuyCreditsAsync();
        await AssertAcceptedAsync(placed.Notice());
        var second = placed.Notice();
        second["transaction_id"] = "4200000000202105070000000002";
        ScriptedGateway.Sign(second);
        await AssertAcceptedAsync(second);

        const string remark = "paid twice at the gateway: transactions 4200000000202105070000000001 and 4200000000202105070000000002";
        var order = await _shop.OrderAsync(placed.Number);
        Assert.That((order.Attention, order.Status, order.TransactionId), Is.EqualTo((remark, OrderStatus.Fulfilled, "4200000000202105070000000001")));
        Assert.That((await _shop.NotificationsAsync()).Select(n => n.QuarantineReason), Is.EqualTo(new string?[] { null, null }), "both are evidence");
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));

        // Once an admin has dismissed it, a repeat changes nothing.
        Assert.That((await _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{order.Id}/dismiss", new { reason = "given back" })).Status, Is.EqualTo(HttpStatusCode.OK));
        await AssertAcceptedAsync(second);
        await AssertAcceptedAsync(placed.Notice());
        Assert.That((await _shop.OrderAsync(placed.Number)).Attention, Is.Null);
        Assert.That((bool)(await _shop.Server.AdminAsync(HttpMethod.Get, "audit")).Body!["sound"]!);
    }

    [Test]
    public async Task A_check_that_names_a_second_transaction_marks_its_order_and_one_without_does_not()
    {
        var placed = await _shop.BuyCreditsAsync();
        var id = (await _shop.OrderAsync(placed.Number)).Id;
        // A confirmation has no transaction: the first real one is not a second payment.
        await _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/confirm", new { reason = "r" });
        foreach (var (transaction, known, marked) in new[] { ("0", "", false), ("4201", "4201", false), ("0", "4201", false), ("4202", "4201", true) })
        {
            _shop.Gateway.Answer = (_, form) => Task.FromResult(ScriptedGateway.Signed(new Dictionary<string, string>
            {
                ["mchid"] = ScriptedGateway.Merchant,
                ["out_trade_no"] = placed.Number,
                ["paid_time"] = "2021-05-07 18:27:39",
                ["payjs_order_id"] = form["payjs_order_id"],
                ["return_code"] = "1",
                ["status"] = "1",
                ["total_fee"] = "100",
                ["transaction_id"] = transaction,
            }));
            Assert.That((await _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/reconcile")).Status, Is.EqualTo(HttpStatusCode.OK));
            var order = await _shop.OrderAsync(placed.Number);
            Assert.That((order.TransactionId, order.Attention), Is.EqualTo((known, marked ? "paid twice at the gateway: transactions 4201 and 4202" : null)));
        }
    }

    [TestCase("/payjs/notify/", "POST")]
    [TestCase("/payjs/notify", "GET")]
    public async Task It_is_taken_with_a_trailing_slash_and_by_GET(string path, string method)
    {
        var placed = await _shop.BuyCreditsAsync();
        using var form = new FormUrlEncodedContent(placed.Notice());
        using var request = new HttpRequestMessage(new HttpMethod(method), method == "GET" ? $"{path}?{await form.ReadAsStringAsync()}" : path);
        if (method == "POST") request.Content = form;
        using var response = await _shop.Server.Http.SendAsync(request);
        Assert.That((response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.OK, "success")));
    }

    [Test]
    public async Task What_is_larger_than_eight_kilobytes_is_not_even_kept()
    {
        var placed = await _shop.BuyCreditsAsync(attach: "a");
        // One byte more than the largest notice that is read.
        var notice = placed.Notice();
        var size = Encoding.UTF8.GetByteCount(await new FormUrlEncodedContent(notice).ReadAsStringAsync()) + "&pad=".Length;
        notice["pad"] = new string('x', 8 * 1024 + 1 - size);
        var (status, _) = await _shop.Server.NotifyAsync(notice);
        Assert.That(status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That(await _shop.NotificationsAsync(), Is.Empty);
        notice["pad"] = notice["pad"][1..];
        await AssertAcceptedAsync(ScriptedGateway.Sign(notice));
    }

    [Test]
    public async Task Unsigned_notices_are_kept_once_each_and_a_few_an_address()
    {
        var placed = await _shop.BuyCreditsAsync();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 40; i++)
        {
            var forged = placed.Notice(key: "wrong");
            forged["n"] = (i / 2).ToString(System.Globalization.CultureInfo.InvariantCulture);
            statuses.Add((await _shop.Server.NotifyAsync(forged)).Status);
        }
        // A burst of twenty passes the limit: ten messages, each twice.
        Assert.That(statuses.Take(20), Is.All.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(statuses, Has.Some.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(await _shop.NotificationsAsync(), Has.Count.InRange(10, 12));
        await AssertAcceptedAsync(placed.Notice());
    }

    [Test]
    public async Task Only_the_newest_ten_thousand_notices_that_prove_no_payment_are_kept()
    {
        const int kept = 10_000;
        var placed = await _shop.BuyCreditsAsync();
        await _shop.Server.NotifyAsync(ScriptedGateway.Notice(placed.Number, placed.GatewayOrderId, placed.Fen - 1));
        await _shop.Server.NotifyAsync(placed.Reply.AsObject().ToDictionary(f => f.Key, f => f.Value!.ToString()));
        await _shop.Server.WithDbAsync(async db =>
        {
            for (var i = 0; i < kept; i++)
                db.Notifications.Add(Domain.Payments.Notification.Of(Domain.Payments.NotificationSource.Notify, "payjs", $"hash{i}", false, null, Domain.Payments.RawMessage.Of("old"), null, DateTimeOffset.UnixEpoch, "forged"));
            return await db.SaveChangesAsync();
        });
        // A server trims at the first such notice that it stores, then once in 64.
        await using var other = TestServer.Start(_shop.Database, _shop.Gateway.Address);
        await other.NotifyAsync(placed.Notice(key: "wrong"));
        var left = await _shop.NotificationsAsync();
        Assert.That(left.Count(n => !n.Signed), Is.EqualTo(kept));
        Assert.That(left.Count(n => n.Signed), Is.EqualTo(1), "a whole one is kept for ever");
        Assert.That(left.Any(n => n.QuarantineReason == "mchid is missing"), Is.False, "the order's reply, posted back");
        Assert.That(left.Any(n => n.ContentHash == "hash0"), Is.False);
    }

    private async Task AssertAcceptedAsync(Dictionary<string, string> notice)
    {
        var (status, text) = await _shop.Server.NotifyAsync(notice);
        Assert.That((status, text), Is.EqualTo((HttpStatusCode.OK, "success")));
    }
}
