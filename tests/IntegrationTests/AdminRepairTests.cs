using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Manual repairs settle as a notice does, take effect once, and keep the ledger sound.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class AdminRepairTests(DatabaseKind kind)
{
    private FakeTimeProvider _clock = null!;
    private Shop _shop = null!;
    private int _refunds;
    private Func<string, string> _answerRefund = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _shop = await Shop.OpenAsync(kind, _clock);
        _refunds = 0;
        _answerRefund = Refunded;
        var place = _shop.Gateway.Answer;
        _shop.Gateway.Answer = (call, form) =>
        {
            if (call != "refund") return place(call, form);
            Interlocked.Increment(ref _refunds);
            return Task.FromResult(_answerRefund(form["payjs_order_id"]));
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
    public async Task An_admins_word_delivers_once_and_is_kept()
    {
        var placed = await _shop.BuyCreditsAsync();
        for (var time = 1; time <= 2; time++)
        {
            var (status, order) = await ActAsync(placed, "confirm", new { reason = "seen in the member centre" });
            Assert.That((status, (string)order!["status"]!), Is.EqualTo((HttpStatusCode.OK, "Fulfilled")));
        }
        Assert.That((await _shop.Server.NotifyAsync(placed.Notice())).Text, Is.EqualTo("success"));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
        var word = (await _shop.NotificationsAsync()).Single(n => n.Source == NotificationSource.Admin);
        Assert.That((word.Raw.Text, word.OrderNumber, word.AmountFen), Is.EqualTo(("seen in the member centre", placed.Number, 100)));
    }

    [Test]
    public async Task An_order_whose_gateway_id_was_lost_needs_it_to_be_confirmed()
    {
        var answer = _shop.Gateway.Answer;
        _shop.Gateway.Answer = (_, _) => Task.FromResult("nonsense");
        await _shop.Server.PluginAsync($"&action=payjs_credit&credits=2&money=1&username=buyer&body=t&key={Shop.TransportKey}");
        _shop.Gateway.Answer = answer;
        var lost = await _shop.Server.WithDbAsync(db => db.Orders.AsNoTracking().SingleAsync());
        var other = await _shop.BuyCreditsAsync();

        Assert.That((await ActAsync(lost.Id, "confirm", new { reason = "r" })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await ActAsync(lost.Id, "confirm", new { reason = "r", gatewayOrderId = other.GatewayOrderId })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await ActAsync(other, "confirm", new { reason = "r", gatewayOrderId = "20990101000000" })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.Zero);

        Assert.That((await ActAsync(lost.Id, "confirm", new { reason = "r", gatewayOrderId = "20990101000001" })).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((string)(await _shop.CheckAsync("20990101000001"))["status"]!, Is.EqualTo("2"));
    }

    [Test]
    public async Task Acts_without_a_reason_and_on_no_order_are_refused()
    {
        var placed = await _shop.BuyCreditsAsync();
        foreach (var act in new[] { "confirm", "refund" })
        {
            Assert.That((await ActAsync(placed, act, new { reason = "" })).Status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That((await ActAsync(placed, act, new { reason = new string('x', 201) })).Status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That((await ActAsync(4711, act, new { reason = "r" })).Status, Is.EqualTo(HttpStatusCode.NotFound));
        }
        Assert.That((await ActAsync(placed, "refund", new { reason = "unpaid" })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((_refunds, (await _shop.OrderAsync(placed.Number)).Status), Is.EqualTo((0, OrderStatus.Pending)));
    }

    [Test]
    public async Task A_refund_takes_back_what_is_there_once_and_says_what_is_not()
    {
        var placed = await PaidAsync(_shop.BuyCreditsAsync("2"));
        await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { addCredits = new[] { 0, -5, 0, 0, 0, 0, 0, 0 } });

        // One at a time: concurrent calls may get 409.
        var orders = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ActAsync(placed, "refund", new { reason = "asked to" })));
        Assert.That(orders.Select(o => o.Status), Has.Some.EqualTo(HttpStatusCode.OK).And.All.AnyOf(HttpStatusCode.OK, HttpStatusCode.Conflict));
        Assert.That(_refunds, Is.EqualTo(1));
        foreach (var order in orders.Where(o => o.Status == HttpStatusCode.OK).Append(await ActAsync(placed, "refund", new { reason = "asked to" })))
            Assert.That((order.Status, (string)order.Body!["status"]!, (string)order.Body["attention"]!),
                Is.EqualTo((HttpStatusCode.OK, "Refunded", "refunded; not there any more to be taken back: 5 Credits2")));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.Zero);
        Assert.That((await _shop.LedgerAsync()).Single(e => e.Key.StartsWith("refund:", StringComparison.Ordinal)).Delta, Is.EqualTo(-15));

        // Nothing delivers it again: neither a repeated notice, nor an admin.
        Assert.That((await _shop.Server.NotifyAsync(placed.Notice())).Text, Is.EqualTo("success"));
        await ActAsync(placed, "redeliver", null);
        await ActAsync(placed, "confirm", new { reason = "r" });
        Assert.That(((await _shop.AccountAsync()).Credits2, (await _shop.OrderAsync(placed.Number)).Status), Is.EqualTo((0, OrderStatus.Refunded)));
        var check = await _shop.CheckAsync(placed.GatewayOrderId);
        Assert.That(((string)check["status"]!, (string)check["time_end"]!), Is.EqualTo(("1", "0")), "clients know no refunds");
    }

    [Test]
    public async Task Of_two_refunds_at_once_on_two_servers_one_asks_the_gateway_and_its_outcome_stands()
    {
        await using var other = TestServer.Start(_shop.Database, _shop.Gateway.Address, _clock);
        var placed = await PaidAsync(_shop.BuyCreditsAsync());
        var id = (await _shop.OrderAsync(placed.Number)).Id;
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        var place = _shop.Gateway.Answer;
        _shop.Gateway.Answer = async (call, form) =>
        {
            if (call != "refund") return await place(call, form);
            // The first succeeds slowly; all others are refused.
            if (!asked.TrySetResult()) return """{"return_code":0,"return_msg":"处理中"}""";
            await answer.Task;
            return Refunded(form["payjs_order_id"]);
        };
        var slow = ActAsync(id, "refund", new { reason = "first" });
        await asked.Task;
        Assert.That((await other.AdminAsync(HttpMethod.Post, $"orders/{id}/refund", new { reason = "second" })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        answer.SetResult();
        Assert.That((await slow).Status, Is.EqualTo(HttpStatusCode.OK));
        var order = await _shop.OrderAsync(placed.Number);
        Assert.That((order.Status, order.RefundClaimedUntil, order.Attention), Is.EqualTo((OrderStatus.Refunded, (DateTimeOffset?)null, (string?)null)));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.Zero);
    }

    [Test]
    public async Task A_refund_that_outlives_its_claim_and_succeeds_stands_whatever_another_was_told()
    {
        var placed = await PaidAsync(_shop.BuyCreditsAsync());
        var id = (await _shop.OrderAsync(placed.Number)).Id;
        // The claim of a cancelled call: the next call may refund only after it has expired.
        var until = _clock.GetUtcNow() + Order.RefundCallLasts;
        await _shop.Server.WithDbAsync(db => db.Orders.ExecuteUpdateAsync(o => o.SetProperty(x => x.RefundClaimedUntil, until)));
        Assert.That((await ActAsync(id, "refund", new { reason = "r" })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(_refunds, Is.Zero);

        // While a call waits for its reply, another call takes its claim, is refused and ends.
        var place = _shop.Gateway.Answer;
        _shop.Gateway.Answer = async (call, form) =>
        {
            if (call == "refund")
                await _shop.Server.WithDbAsync(db => db.Orders.ExecuteUpdateAsync(o => o
                    .SetProperty(x => x.RefundClaimedUntil, (DateTimeOffset?)null).SetProperty(x => x.RefundRequestedAt, (DateTimeOffset?)null)));
            return await place(call, form);
        };
        _clock.Advance(Order.RefundCallLasts);
        Assert.That((await ActAsync(id, "refund", new { reason = "r" })).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(((await _shop.AccountAsync()).Credits2, (await _shop.OrderAsync(placed.Number)).Status), Is.EqualTo((0, OrderStatus.Refunded)));
    }

    [Test]
    public async Task A_refund_that_is_refused_ends_no_other_calls_claim()
    {
        var placed = await PaidAsync(_shop.BuyCreditsAsync());
        var id = (await _shop.OrderAsync(placed.Number)).Id;
        var others = _clock.GetUtcNow().AddMinutes(5);
        others = DateTimeOffset.FromUnixTimeMilliseconds(others.ToUnixTimeMilliseconds());
        var place = _shop.Gateway.Answer;
        _shop.Gateway.Answer = async (call, form) =>
        {
            if (call != "refund") return await place(call, form);
            await _shop.Server.WithDbAsync(db => db.Orders.ExecuteUpdateAsync(o => o.SetProperty(x => x.RefundClaimedUntil, others)));
            return """{"return_code":0,"return_msg":"处理中"}""";
        };
        Assert.That((await ActAsync(id, "refund", new { reason = "r" })).Status, Is.EqualTo(HttpStatusCode.BadGateway));
        var order = await _shop.OrderAsync(placed.Number);
        Assert.That((order.RefundClaimedUntil, order.RefundRequestedAt is not null), Is.EqualTo(((DateTimeOffset?)others, true)));
    }

    [Test]
    public async Task Card_time_that_has_passed_is_not_taken_back()
    {
        var placed = await PaidAsync(_shop.BuyCardTimeAsync());
        _clock.Advance(TimeSpan.FromSeconds(600));
        var (_, order) = await ActAsync(placed, "refund", new { reason = "r" });
        Assert.That((string)order!["attention"]!, Is.EqualTo("refunded; not there any more to be taken back: 600 CardTime"));
        Assert.That((await _shop.AccountAsync()).CardTimeExpiry, Is.EqualTo(_clock.GetUtcNow().ToUnixTimeSeconds()));
    }

    [Test]
    public async Task A_refunded_kami_is_void()
    {
        var placed = await PaidAsync(_shop.BuyKamiAsync());
        var (_, order) = await ActAsync(placed, "refund", new { reason = "r" });
        Assert.That(((string)order!["status"]!, order["attention"]), Is.EqualTo(("Refunded", (JsonNode?)null)));
        Assert.That((await RedeemAsync(_shop.Uid)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((string)(await _shop.CheckAsync(placed.GatewayOrderId))["kami"]!, Is.Empty);
    }

    // The reply may be late or lost: the money may still go back.
    [Test]
    public async Task Nobody_redeems_a_kami_whose_money_may_be_on_its_way_back()
    {
        var placed = await PaidAsync(_shop.BuyKamiAsync());
        HttpStatusCode? meanwhile = null;
        var place = _shop.Gateway.Answer;
        _shop.Gateway.Answer = async (call, form) =>
        {
            if (call != "refund") return await place(call, form);
            meanwhile = (await RedeemAsync(_shop.Uid)).Status;
            return "lost";
        };
        Assert.That((await ActAsync(placed, "refund", new { reason = "r" })).Status, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That((meanwhile, (await RedeemAsync(_shop.Uid)).Status), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.NotFound)));
        var (_, report) = await _shop.Server.AdminAsync(HttpMethod.Get, "audit");
        Assert.That((bool)report!["sound"]!, report.ToJsonString());

        _shop.Gateway.Answer = place;
        _answerRefund = _ => """{"return_code":0,"return_msg":"余额不足"}""";
        Assert.That((await ActAsync(placed, "refund", new { reason = "r" })).Status, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That((await RedeemAsync(_shop.Uid)).Status, Is.EqualTo(HttpStatusCode.OK), "the money stays, and so does the kami");
    }

    [Test]
    public async Task A_refund_claimed_under_a_clock_that_was_ahead_does_not_bar_another()
    {
        var placed = await PaidAsync(_shop.BuyCreditsAsync());
        var tomorrow = _clock.GetUtcNow().AddDays(1);
        await _shop.Server.WithDbAsync(db => db.Orders.ExecuteUpdateAsync(o => o.SetProperty(x => x.RefundClaimedUntil, tomorrow).SetProperty(x => x.RefundRequestedAt, tomorrow)));
        Assert.That((await ActAsync(placed, "refund", new { reason = "r" })).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task What_a_kami_gave_its_buyer_is_taken_back_and_what_it_gave_another_is_not()
    {
        var own = await PaidAsync(_shop.BuyKamiAsync());
        await RedeemAsync(_shop.Uid);
        await ActAsync(own, "refund", new { reason = "r" });
        var account = await _shop.AccountAsync();
        Assert.That((account.Credits1 + account.Credits2 + account.Credits3 + account.Credits4, account.Devices), Is.EqualTo((0, 0)));
        Assert.That(account.CardTimeExpiry, Is.EqualTo(_clock.GetUtcNow().ToUnixTimeSeconds()));

        var given = await PaidAsync(_shop.BuyKamiAsync());
        var friend = await _shop.AddUserAsync("friend");
        await RedeemAsync(friend);
        var before = await _shop.AccountAsync(friend);
        var (_, order) = await ActAsync(given, "refund", new { reason = "r" });
        Assert.That((string)order!["attention"]!, Is.EqualTo($"refunded; its kami was redeemed by account {friend} and stays redeemed"));
        Assert.That((await _shop.AccountAsync(friend)).CardTimeExpiry, Is.EqualTo(before.CardTimeExpiry));
    }

    [Test]
    public async Task A_refund_the_gateway_refuses_changes_nothing_and_one_it_does_not_answer_is_finished_later()
    {
        var placed = await PaidAsync(_shop.BuyCreditsAsync());
        _answerRefund = _ => """{"return_code":0,"return_msg":"余额不足"}""";
        Assert.That((await ActAsync(placed, "refund", new { reason = "r" })).Status, Is.EqualTo(HttpStatusCode.BadGateway));
        var order = await _shop.OrderAsync(placed.Number);
        Assert.That((order.Status, order.RefundRequestedAt, order.Attention), Is.EqualTo((OrderStatus.Fulfilled, (DateTimeOffset?)null, "refund refused: 余额不足")));

        foreach (var unbelievable in new[] { "nonsense", """{"return_code":1,"payjs_order_id":"ID","return_msg":"退款成功"}""", """{"return_code":1,"payjs_order_id":"1","refund":"1"}""" })
        {
            _answerRefund = id => unbelievable.Replace("ID", id, StringComparison.Ordinal);
            Assert.That((await ActAsync(placed, "refund", new { reason = "r" })).Status, Is.EqualTo(HttpStatusCode.BadGateway));
            order = await _shop.OrderAsync(placed.Number);
            Assert.That((order.Status, order.RefundRequestedAt is null, order.Attention), Is.EqualTo((OrderStatus.Fulfilled, false, "a refund was asked for and is not confirmed: r")));
        }
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));

        // A repeated refund: the gateway's reply has no signature.
        _answerRefund = id => $$"""{"return_code":1,"payjs_order_id":"{{id}}","return_msg":"退款成功","refund":"1"}""";
        Assert.That((await ActAsync(placed, "refund", new { reason = "r" })).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(((await _shop.AccountAsync()).Credits2, (await _shop.OrderAsync(placed.Number)).Status), Is.EqualTo((0, OrderStatus.Refunded)));
    }

    [Test]
    public async Task What_could_not_be_delivered_is_tried_again_every_hour_until_it_can_unless_it_is_refunded()
    {
        var (full, refunded) = (await _shop.BuyCreditsAsync(), await _shop.BuyCreditsAsync());
        await FillAsync(UserAccount.MaximumBalance);
        foreach (var placed in new[] { full, refunded }) await _shop.Server.NotifyAsync(placed.Notice());
        Assert.That((await _shop.OrderAsync(full.Number)).Status, Is.EqualTo(OrderStatus.NeedsAttention));

        _answerRefund = _ => "";
        await ActAsync(refunded, "refund", new { reason = "r" });
        await PassAsync(TimeSpan.FromMinutes(61));
        Assert.That((await _shop.OrderAsync(full.Number)).Status, Is.EqualTo(OrderStatus.NeedsAttention));
        await FillAsync(-1000);
        await PassAsync(TimeSpan.FromMinutes(61));
        Assert.That((await _shop.OrderAsync(full.Number)).Status, Is.EqualTo(OrderStatus.Fulfilled));
        Assert.That((await _shop.OrderAsync(refunded.Number)).Status, Is.EqualTo(OrderStatus.NeedsAttention), "its money may be on its way back");

        _answerRefund = Refunded;
        await ActAsync(refunded, "refund", new { reason = "r" });
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(UserAccount.MaximumBalance - 1000 + Shop.CreditRatio));
    }

    [Test]
    public async Task A_notice_that_came_before_its_key_is_judged_again()
    {
        var placed = await _shop.BuyCreditsAsync();
        await _shop.Server.NotifyAsync(placed.Notice(key: "NewMerchantKey01", attach: "说明 & +"));
        var quarantined = (await _shop.NotificationsAsync()).Single();
        Assert.That((quarantined.QuarantineReason, quarantined.Signed), Is.EqualTo(("the signature is wrong", false)));
        Assert.That((string)(await JudgeAsync(quarantined.Id)).Body!["quarantineReason"]!, Is.EqualTo("the signature is wrong"));

        await _shop.Server.SaveSettingsAsync(new { merchantKey = "NewMerchantKey01" });
        var (status, judged) = await JudgeAsync(quarantined.Id);
        Assert.That((status, judged!["quarantineReason"], (bool)judged["signed"]!), Is.EqualTo((HttpStatusCode.OK, (JsonNode?)null, true)));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
        Assert.That((await _shop.NotificationsAsync()).Single().AmountFen, Is.EqualTo(100));

        await JudgeAsync((long)judged["id"]!);
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));
        Assert.That((await JudgeAsync(4711)).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task The_audit_is_made_once_a_night_on_one_instance()
    {
        await PaidAsync(_shop.BuyCreditsAsync("2"));
        await using var other = TestServer.Start(_shop.Database, _shop.Gateway.Address, _clock);
        var startOfDay = _clock.GetUtcNow().ToOffset(TimeSpan.FromHours(8)).Date;
        var morning = new DateTimeOffset(startOfDay, TimeSpan.FromHours(8)).AddDays(1).AddHours(4);
        await PassAsync(morning.AddMinutes(-2) - _clock.GetUtcNow());
        JsonArray nights = [];
        foreach (var night in new[] { 1, 2 })
        {
            var before = nights.Count;
            _clock.Advance(TimeSpan.FromMinutes(5));
            await Eventually.HoldsAsync(async () =>
            {
                nights = (await _shop.Server.AdminAsync(HttpMethod.Get, "audit/nightly")).Body!.AsArray();
                return nights.Any(n => DateTimeOffset.Parse((string)n!["at"]!, null) >= morning.AddDays(night - 1));
            });
            Assert.That(nights, Has.Count.LessThanOrEqualTo(before + 2), "at most the day it was started on, too");
            _clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(5));
        }
        Assert.That(nights.Select(n => DateTimeOffset.Parse((string)n!["at"]!, null).ToOffset(TimeSpan.FromHours(8)).Date), Is.Unique.And.Ordered.Descending);
        var day = nights[0]!["days"]!.AsArray().Single()!;
        Assert.That(((string)day["day"]!, (long)day["orders"]!, (long)day["orderFen"]!, (long)day["reportedFen"]!), Is.EqualTo(("2021-05-07", 1, 200, 200)));
    }

    private async Task<Shop.Placed> PaidAsync(Task<Shop.Placed> buying)
    {
        var placed = await buying;
        Assert.That((await _shop.Server.NotifyAsync(placed.Notice())).Text, Is.EqualTo("success"));
        return placed;
    }

    private async Task<(HttpStatusCode Status, JsonNode? Body)> ActAsync(Shop.Placed placed, string act, object? body) =>
        await ActAsync((await _shop.OrderAsync(placed.Number)).Id, act, body);

    private Task<(HttpStatusCode Status, JsonNode? Body)> ActAsync(long id, string act, object? body) =>
        _shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/{act}", body);

    private Task<(HttpStatusCode Status, JsonNode? Body)> JudgeAsync(long id) => _shop.Server.AdminAsync(HttpMethod.Post, $"notifications/{id}/judge");

    private async Task<(HttpStatusCode Status, JsonNode? Body)> RedeemAsync(long uid)
    {
        var code = await _shop.Server.WithDbAsync(db => db.Kamis.OrderByDescending(k => k.Id).Select(k => k.Code).FirstAsync());
        return await _shop.Server.AdminAsync(HttpMethod.Post, $"users/{uid}/redemptions", new { code });
    }

    private async Task FillAsync(long credits) =>
        await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { addCredits = new[] { 0, credits, 0, 0, 0, 0, 0, 0 } });

    private async Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        // Each server ticks once at the new time; due checks are then removed or rescheduled.
        await Eventually.HoldsAsync(async () =>
        {
            var now = _clock.GetUtcNow();
            return !await _shop.Server.WithDbAsync(db => db.PendingChecks.AnyAsync(c => c.DueAt <= now || c.AskedAt == now && c.DueAt == now.AddSeconds(30)));
        });
    }

    private static string Refunded(string gatewayOrderId) => ScriptedGateway.Signed(new Dictionary<string, string>
    {
        ["payjs_order_id"] = gatewayOrderId,
        ["return_code"] = "1",
        ["return_msg"] = "退款成功",
        ["transaction_id"] = "4200000000202105070000000001",
    });
}
