using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>The product's gateway client against the sandbox and scripted gateways.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class GatewayTests(DatabaseKind kind)
{
    /// <summary>The contract's limit for a gateway that does not answer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private const string Buy = "&action=payjs_credit&credits=2&money=1&username=1&isuid=1&body=b&key=123456";

    [Test]
    public async Task An_order_is_bought_paid_and_notified_through_the_sandbox()
    {
        await using var database = await Database.CreateAsync(kind);
        await using var server = TestServer.Start(database);
        var placed = (await server.PluginAsync(Buy + "&type=alipay"))["data"]!;
        var id = (string)placed["payjs_order_id"]!;
        Assert.That((await server.Http.GetByteArrayAsync((string)placed["qrcode"]!))[1..4], Is.EqualTo("PNG"u8.ToArray()));

        using var paid = await server.Http.PostAsync($"/sandbox/payjs/orders/{id}/pay", null);
        Assert.That(paid.IsSuccessStatusCode);
        await Eventually.HoldsAsync(async () =>
            (string?)(await server.PluginAsync($"&action=payjs_check&key=123456&payjs_order_id={id}"))["data"]!["status"] == "2");
        var order = (await server.AdminAsync(HttpMethod.Get, "orders")).Body![0]!;
        Assert.That((string?)order["status"], Is.EqualTo("Fulfilled"));
        var (status, trial) = await server.AdminAsync(HttpMethod.Post, "settings/merchant-trial");
        Assert.That((status, (string?)trial!["merchantId"]), Is.EqualTo((HttpStatusCode.OK, "1600000001")));
    }

    [TestCase("wrongSign")]
    [TestCase("unsigned")]
    [TestCase("otherAmount")]
    [TestCase("otherNumber")]
    [TestCase("garbage")]
    [TestCase("emptyObject")]
    [TestCase("html500")]
    [TestCase("cutConnection")]
    [TestCase("silent")]
    public async Task A_reply_that_cannot_be_believed_is_our_failure_and_the_order_stays_pending(string mode)
    {
        await using var database = await Database.CreateAsync(kind);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = TestServer.Start(database, null, clock);
        using var quirk = await server.Http.PutAsJsonAsync("/sandbox/payjs/quirks", new { replyMode = mode });
        Assert.That(quirk.IsSuccessStatusCode, await quirk.Content.ReadAsStringAsync());

        var buying = server.PluginAsync(Buy);
        await Eventually.HoldsAsync(async () => buying.IsCompleted || await CallsAsync() == 1);
        clock.Advance(Longest);
        var reply = await buying;
        Assert.That(((int)reply["code"]!, (string?)reply["result"]), Is.EqualTo((400, "error0020")));
        var order = await server.WithDbAsync(db => db.Orders.AsNoTracking().SingleAsync());
        Assert.That((order.Status, order.GatewayOrderId), Is.EqualTo((OrderStatus.Pending, (string?)null)));
        Assert.That(await CallsAsync(), Is.AtMost(1), "one try: a second could make a second order");

        async Task<int> CallsAsync() => JsonNode.Parse(await server.Http.GetStringAsync("/sandbox/payjs/orders"))!.AsArray().Count;
    }

    [TestCase("Content-Length: 1000\r\n\r\n{", TestName = "A_reply_that_stalls_after_its_head_ends_within_ten_seconds")]
    [TestCase("\r\n", TestName = "A_reply_without_end_is_not_read_to_its_end")]
    public async Task A_reply_that_does_not_end(string rest)
    {
        await using var database = await Database.CreateAsync(kind);
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var over = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answering = Task.Run(async () =>
        {
            using var socket = await listener.AcceptTcpClientAsync(over.Token);
            await using var stream = socket.GetStream();
            _ = await stream.ReadAsync(new byte[4096], over.Token);
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + rest), over.Token);
            asked.SetResult();
            while (rest == "\r\n") await stream.WriteAsync(new byte[4096], over.Token);
            await Task.Delay(Timeout.Infinite, over.Token);
        }, CancellationToken.None);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = TestServer.Start(database, gateway: null, clock, ("Payjs:BaseUrl", $"http://{listener.LocalEndpoint}/api"));
        var buying = server.PluginAsync(Buy);
        await asked.Task.WaitAsync(Eventually.Patience);
        clock.Advance(Longest);
        var reply = await buying;
        Assert.That((string?)reply["result"], Is.EqualTo("error0020"));
        await over.CancelAsync();
        Assert.That(async () => await answering, Throws.InstanceOf<OperationCanceledException>().Or.InstanceOf<IOException>());
    }

    [Test]
    public async Task A_history_longer_than_a_batch_is_listed_whole_and_in_order()
    {
        // More than two batches of 500; many orders have the same second.
        const int orders = 1_203;
        await using var shop = await Shop.OpenAsync(kind);
        await shop.Server.WithDbAsync(async db =>
        {
            for (var i = 1; i <= orders; i++)
            {
                var at = DateTimeOffset.FromUnixTimeSeconds(1_620_383_241 + i / 7);
                var order = Order.Place($"n{i}", "payjs", ScriptedGateway.Merchant, 1, GatewayMode.Live, shop.Uid, Purchase.OfCredits(2, 100, 10), 100, "t", "", PaymentChannel.WeChat, at);
                order.ConfirmPaid(new ReportedPayment("payjs", ScriptedGateway.Merchant, GatewayMode.Live, order.Number, $"g{i}", 100, "", at));
                order.Fulfil(at);
                db.OrderChecks.Add(new Infrastructure.Persistence.OrderChecks { Order = order });
            }
            return await db.SaveChangesAsync();
        });
        var token = (string)(await shop.Server.AdminAsync(HttpMethod.Post, $"users/{shop.Uid}/tokens", new { })).Body!["token"]!;
        var reply = await shop.Server.PluginAsync($"&action=payjs_check_id&token={token}");
        var ids = reply["data"]!.AsArray().Select(r => long.Parse((string)r!["id"]!, null)).ToList();
        Assert.That(((int)reply["count"]!, ids.Count), Is.EqualTo((orders, orders)));
        Assert.That(ids, Is.Ordered.Descending.And.Unique);
    }

    [Test]
    public async Task A_lost_notice_is_made_good_by_asking_and_the_answer_is_kept()
    {
        await using var shop = await Shop.OpenAsync(kind);
        var placed = await shop.BuyCreditsAsync();
        var id = (await shop.OrderAsync(placed.Number)).Id;
        var paid = false;
        shop.Gateway.Answer = (call, form) =>
        {
            Assert.That(call, Is.EqualTo("check"));
            return Task.FromResult(ScriptedGateway.Signed(new Dictionary<string, string>
            {
                ["mchid"] = ScriptedGateway.Merchant,
                ["out_trade_no"] = placed.Number,
                ["paid_time"] = paid ? "2021-05-07 18:27:39" : "0",
                ["payjs_order_id"] = form["payjs_order_id"],
                ["return_code"] = "1",
                ["status"] = paid ? "1" : "0",
                ["total_fee"] = "100",
                ["transaction_id"] = paid ? "4200000000202105070000000001" : "0",
            }));
        };
        Assert.That((string?)(await shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/reconcile")).Body!["status"], Is.EqualTo("Pending"));
        Assert.That(await shop.NotificationsAsync(), Is.Empty);
        paid = true;
        foreach (var _ in new[] { 1, 2 })
            Assert.That((string?)(await shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/reconcile")).Body!["status"], Is.EqualTo("Fulfilled"));
        Assert.That((await shop.Server.NotifyAsync(placed.Notice())).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await shop.NotificationsAsync()).Select(n => n.Source), Is.EqualTo(new[] { NotificationSource.Check, NotificationSource.Notify }));
        Assert.That((await shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
    }

    [Test]
    public async Task An_unpaid_reply_that_is_regrouped_into_another_orders_payment_is_refused()
    {
        await using var shop = await Shop.OpenAsync(kind);
        var (small, large) = (await shop.BuyCreditsAsync("0.1"), await shop.BuyCreditsAsync("100"));
        // An attacker in the middle has no key. He buys the small order with this text, and splits PAYJS's genuine reply at other places.
        var genuine = Paid(small, "0", "0", "0");
        genuine["attach"] = $"1&mchid={ScriptedGateway.Merchant}&out_trade_no={large.Number}&paid_time=2021-05-07 18:27:39&payjs_order_id={large.GatewayOrderId}"
            + $"&return_code=1&status=1&total_fee={large.Fen}&transaction_id=42";
        var sign = Infrastructure.Payjs.PayjsSign.Of(genuine, ScriptedGateway.Key);
        var forged = Paid(large, "1", "2021-05-07 18:27:39", "42&" + Infrastructure.Payjs.PayjsSign.Canonical(genuine.Where(f => f.Key != "attach")));
        forged["attach"] = "1";
        Assert.That(Infrastructure.Payjs.PayjsSign.Verify(forged, ScriptedGateway.Key, sign), "the forgery's signature is right");
        var json = new JsonObject([.. forged.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)f.Value))]) { ["sign"] = sign };
        shop.Gateway.Answer = (_, _) => Task.FromResult(json.ToJsonString());

        var id = (await shop.OrderAsync(large.Number)).Id;
        Assert.That((await shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/reconcile")).Status, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That((await shop.OrderAsync(large.Number)).Status, Is.EqualTo(OrderStatus.Pending));
        Assert.That((await shop.AccountAsync()).Credits2, Is.Zero);
    }

    [Test]
    public async Task A_check_that_says_paid_needs_every_field_of_a_payment_once()
    {
        await using var shop = await Shop.OpenAsync(kind);
        var placed = await shop.BuyCreditsAsync();
        var id = (await shop.OrderAsync(placed.Number)).Id;
        var genuine = Paid(placed, "1", "2021-05-07 18:27:39", "4200000000202105070000000001");
        genuine["attach"] = "a&b";
        var replies = new Dictionary<string, string>();
        foreach (var name in genuine.Keys.Where(name => name is not ("attach" or "status" or "return_code")))
        {
            replies[$"without {name}"] = ScriptedGateway.Signed(genuine.Where(f => f.Key != name));
            replies[$"{name} empty"] = ScriptedGateway.Signed(new Dictionary<string, string>(genuine) { [name] = "" });
            replies[$"& in {name}"] = ScriptedGateway.Signed(new Dictionary<string, string>(genuine) { [name] = genuine[name] + "&x=1" });
            replies[$"{name} doubled"] = ScriptedGateway.Signed(genuine).Insert(1, $"\"{name}\":\"1\",");
        }
        replies["status doubled"] = ScriptedGateway.Signed(genuine).Insert(1, "\"status\":0,");
        replies["a name doubled by an escape"] = ScriptedGateway.Signed(genuine).Insert(1, "\"tot\\u0061l_fee\":\"1\",");
        replies["& in a field not known"] = ScriptedGateway.Signed(genuine.Append(new("bank", "a&b=c")));
        replies["an odd name"] = ScriptedGateway.Signed(genuine.Append(new("a[b]", "1")));
        replies["a time that is none"] = ScriptedGateway.Signed(new Dictionary<string, string>(genuine) { ["paid_time"] = "0" });
        replies["an amount that is none"] = ScriptedGateway.Signed(new Dictionary<string, string>(genuine) { ["total_fee"] = "1e2" });
        foreach (var (what, reply) in replies)
        {
            shop.Gateway.Answer = (_, _) => Task.FromResult(reply);
            Assert.That((await shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/reconcile")).Status, Is.EqualTo(HttpStatusCode.BadGateway), what);
            Assert.That((await shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Pending), what);
        }
        shop.Gateway.Answer = (_, _) => Task.FromResult(ScriptedGateway.Signed(genuine));
        Assert.That((string?)(await shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/reconcile")).Body!["status"], Is.EqualTo("Fulfilled"));
    }

    [TestCase("native", "qrcode")]
    [TestCase("close", "return_msg")]
    [TestCase("refund", "return_msg")]
    [TestCase("info", "phone")]
    public async Task Every_signed_reply_obeys_the_rules(string call, string field)
    {
        await using var shop = await Shop.OpenAsync(kind);
        var unpaid = await shop.BuyCreditsAsync();
        var paid = await shop.BuyCreditsAsync();
        await shop.Server.NotifyAsync(paid.Notice());
        var (unpaidId, paidId) = ((await shop.OrderAsync(unpaid.Number)).Id, (await shop.OrderAsync(paid.Number)).Id);
        foreach (var regrouped in new[] { true, false })
        {
            shop.Gateway.Answer = (_, form) =>
            {
                var reply = new Dictionary<string, string>
                {
                    ["code_url"] = "weixin://wxpay/bizpayurl?pr=1",
                    ["name"] = "A&B",
                    ["out_trade_no"] = form.GetValueOrDefault("out_trade_no", "1"),
                    ["payjs_order_id"] = form.GetValueOrDefault("payjs_order_id", "99"),
                    ["phone"] = "1",
                    ["qrcode"] = "https://payjs.cn/qrcode/MQ==",
                    ["return_code"] = "1",
                    ["return_msg"] = "SUCCESS",
                    ["total_fee"] = form.GetValueOrDefault("total_fee", "1"),
                };
                if (call != "info") reply.Remove("name");
                if (regrouped) reply[field] += "&x=1";
                return Task.FromResult(regrouped ? ScriptedGateway.Signed(reply) : ScriptedGateway.Signed(reply).Insert(1, $"\"{field}\":\"1\","));
            };
            if (call == "native")
            {
                var order = await shop.Server.PluginAsync($"&action=payjs_credit&credits=2&money=1&username=buyer&body=b&key={Shop.TransportKey}");
                Assert.That((string?)order["result"], Is.EqualTo("error0020"));
                continue;
            }
            var act = call == "info" ? "settings/merchant-trial" : call == "close" ? $"orders/{unpaidId}/close" : $"orders/{paidId}/refund";
            var (status, body) = await shop.Server.AdminAsync(HttpMethod.Post, act, call == "refund" ? new { reason = "r" } : null);
            Assert.That(status, Is.EqualTo(HttpStatusCode.BadGateway), body?.ToJsonString());
        }
        Assert.That(((await shop.OrderAsync(unpaid.Number)).Status, (await shop.OrderAsync(paid.Number)).Status), Is.EqualTo((OrderStatus.Pending, OrderStatus.Fulfilled)));
    }

    private static Dictionary<string, string> Paid(Shop.Placed order, string status, string time, string transaction) => new()
    {
        ["mchid"] = ScriptedGateway.Merchant,
        ["out_trade_no"] = order.Number,
        ["paid_time"] = time,
        ["payjs_order_id"] = order.GatewayOrderId,
        ["return_code"] = "1",
        ["status"] = status,
        ["total_fee"] = order.Fen.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["transaction_id"] = transaction,
    };

    [Test]
    public async Task The_two_modes_never_share_a_database()
    {
        await using var database = await Database.CreateAsync(kind);
        await using (TestServer.Start(database))
            Assert.That(() => TestServer.Start(database, new Uri("http://127.0.0.1:9")), Throws.InvalidOperationException.With.Message.Contains("Sandbox"));
        await using var live = await Database.CreateAsync(kind);
        await using var gateway = await ScriptedGateway.StartAsync();
        await using (var server = TestServer.Start(live, gateway.Address))
        {
            Assert.That(() => TestServer.Start(live), Throws.InvalidOperationException.With.Message.Contains("Live"));
            foreach (var path in new[] { "/", "/demo/", "/demo/index.html", "/sandbox/payjs/orders", "/sandbox/payjs/api/info", "/sandbox/payjs/quirks", "/sandbox/p/abcdef", "/sandbox/qrcode/YQ==" })
                Assert.That((await server.Http.GetAsync(path)).StatusCode, Is.EqualTo(HttpStatusCode.NotFound), path);
        }
    }

    [Test]
    public async Task Without_a_merchant_the_server_runs_and_says_so()
    {
        await using var database = await Database.CreateAsync(kind);
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var server = TestServer.Start(database, gateway.Address);
        var (status, _) = await server.NotifyOnceAsync(ScriptedGateway.Notice("20210506215111590505", "1", 100));
        Assert.That(status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await server.WithDbAsync(db => db.Notifications.CountAsync()), Is.Zero);
    }
}
