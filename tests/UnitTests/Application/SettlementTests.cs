using Microsoft.Extensions.Logging.Abstractions;
using Moq;
using PayRecharge.Application.Payments;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;
using PayRecharge.UnitTests.Support;

namespace PayRecharge.UnitTests.Application;

internal sealed class SettlementTests
{
    private static readonly DateTimeOffset Now = new(2024, 2, 29, 16, 0, 0, TimeSpan.Zero);
    private static readonly ReportedPayment Payment = new("payjs", "1600000001", GatewayMode.Live, "20240301000000000001", "9001", 1990, "4200", Now);
    private static readonly GatewayMessage Message = new("payjs", "hash", Signed: true, Payment.OrderNumber, RawMessage.Of("content"), null, Payment) { Keys = [new("payjs", "1600000001", "key", Number: 2)] };

    private readonly List<Notification> _kept = [];
    private readonly List<Kami> _kamis = [];
    private Mock<IOrderRepository> _orders = null!;
    private Mock<IUserAccountRepository> _accounts = null!;
    private Mock<INotificationRepository> _notifications = null!;
    private Settlement _settlement = null!;

    [SetUp]
    public void SetUp()
    {
        _kept.Clear();
        _kamis.Clear();
        _orders = new Mock<IOrderRepository>();
        _accounts = new Mock<IUserAccountRepository>(MockBehavior.Strict);
        _notifications = new Mock<INotificationRepository>();
        _notifications.Setup(n => n.Add(It.IsAny<Notification>())).Callback<Notification>(_kept.Add);
        _notifications.Setup(n => n.FindAsync("payjs", It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync((string _, string hash, CancellationToken _) => _kept.FirstOrDefault(n => n.ContentHash == hash));
        var cards = new Mock<ICardRepository>();
        cards.Setup(c => c.AddKami(It.IsAny<Kami>())).Callback<Kami>(_kamis.Add);
        _settlement = new Settlement(_orders.Object, cards.Object, _accounts.Object, _notifications.Object, new FixedClock(Now), NullLogger<Settlement>.Instance);
    }

    [Test]
    public async Task A_payment_is_delivered_once_however_often_it_is_reported()
    {
        var order = Stored(Purchase.OfCredits(3, 1990, 10));
        GrantsBecome(null);

        Assert.That(await SettleAsync(Message), Is.Null);
        Assert.That(await SettleAsync(Message), Is.Null);
        Assert.That(await SettleAsync(Message with { ContentHash = "another spelling" }), Is.Null);

        Assert.That((order.Status, order.FulfilledAt), Is.EqualTo((OrderStatus.Fulfilled, (DateTimeOffset?)Now)));
        _accounts.Verify(
            a => a.GrantAsync(42, It.Is<Grant>(g => g.Amounts[LedgerKind.Credits3] == 199), "order:0", Now, It.IsAny<CancellationToken>()), Times.Once);
        Assert.That(string.Join(',', _kept.Select(n => $"{n.ContentHash} {n.AmountFen}")), Is.EqualTo("hash 1990,another spelling "));
    }

    [Test]
    public async Task A_kami_is_minted_once()
    {
        var order = Stored(CardRule.Create(1, 1990, 1, 2, 3, 4).ToPurchase());
        _accounts.Setup(a => a.RecordKamiAsync(42, "order:0", Now, It.IsAny<CancellationToken>())).Returns(Task.CompletedTask);

        await SettleAsync(Message);
        await SettleAsync(Message);

        Assert.That(order.Status, Is.EqualTo(OrderStatus.Fulfilled));
        Assert.That(_kamis, Has.Count.EqualTo(1));
    }

    [TestCase(Refusal.UserUnknown)]
    [TestCase(Refusal.AccountPermanent)]
    [TestCase(Refusal.AmountInvalid)]
    public async Task Money_whose_goods_cannot_be_delivered_is_taken_and_waits_for_an_admin(Refusal refusal)
    {
        var order = Stored(Purchase.OfCardTime(1990, 10));
        GrantsBecome(new RefusedException(refusal));

        Assert.That(await SettleAsync(Message), Is.Null, "PAYJS must not come again");
        Assert.That((order.Status, order.TransactionId), Is.EqualTo((OrderStatus.NeedsAttention, "4200")));
        Assert.That(order.Attention, Does.Contain(refusal.ToString()));
    }

    [Test]
    public async Task No_kami_is_minted_for_a_buyer_who_is_gone()
    {
        var order = Stored(CardRule.Create(1, 1990, 1, 2, 3, 4).ToPurchase());
        _accounts.Setup(a => a.RecordKamiAsync(42, "order:0", Now, It.IsAny<CancellationToken>())).ThrowsAsync(new RefusedException(Refusal.UserUnknown));

        await SettleAsync(Message);

        Assert.That((order.Status, _kamis.Count), Is.EqualTo((OrderStatus.NeedsAttention, 0)));
    }

    // Nothing may be stored, so that PAYJS sends the notice again.
    [Test]
    public void A_failure_of_our_own_is_not_swallowed()
    {
        Stored(Purchase.OfCredits(3, 1990, 10));
        GrantsBecome(new InvalidOperationException("the database is gone"));

        Assert.That(() => SettleAsync(Message), Throws.InvalidOperationException);
        Assert.That(_kept, Is.Empty);
    }

    private static IEnumerable<TestCaseData> Misfits()
    {
        yield return new TestCaseData(Payment with { MerchantId = "1600000002" }, "another merchant");
        yield return new TestCaseData(Payment with { Mode = GatewayMode.Sandbox }, "another merchant");
        yield return new TestCaseData(Payment with { AmountFen = 1 }, "another amount");
        yield return new TestCaseData(Payment with { GatewayOrderId = "9002" }, "another gateway order");
    }

    [TestCaseSource(nameof(Misfits))]
    public async Task A_payment_that_does_not_fit_its_order_is_quarantined_and_the_order_marked(ReportedPayment payment, string defect)
    {
        var order = Stored(Purchase.OfCredits(3, 1990, 10));
        order.AttachGatewayOrder("9001");

        Assert.That(await SettleAsync(Message with { Payment = payment }), Is.EqualTo(defect));
        Assert.That((order.Status, order.PaidAt), Is.EqualTo((OrderStatus.Pending, (DateTimeOffset?)null)));
        Assert.That(order.Attention, Does.Contain(defect));
        Assert.That(_kept.Single().QuarantineReason, Is.EqualTo(defect));
    }

    [Test]
    public async Task A_key_that_was_retired_before_the_order_was_made_proves_nothing()
    {
        var order = Stored(Purchase.OfCredits(3, 1990, 10));
        order.AttachGatewayOrder("9001");
        var forged = Message with { Keys = [new("payjs", "1600000001", "old", Now, Number: 1)] };

        Assert.That(await SettleAsync(forged), Is.EqualTo("signed by a key that was retired before the order was made"));
        Assert.That((order.Status, order.Attention, _kept.Single().Signed), Is.EqualTo((OrderStatus.Pending, (string?)null, false)));
        Assert.That(await _settlement.TrySettleAsync(order, forged, NotificationSource.Notify, "203.0.113.1", CancellationToken.None), Is.False);
        Assert.That((order.Status, order.PaidAt), Is.EqualTo((OrderStatus.Pending, (DateTimeOffset?)null)));
        GrantsBecome(null);
        Assert.That(await SettleAsync(Message with { Keys = [new("payjs", "1600000001", "key", Now.AddDays(1), Number: 2)] }), Is.Null);
        Assert.That(_kept.Single().Signed, "it counts now");
    }

    [Test]
    public async Task A_payment_of_an_unknown_order_is_kept()
    {
        Assert.That(await SettleAsync(Message), Is.EqualTo("unknown order"));
        Assert.That((_kept.Single().QuarantineReason, _kept.Single().Raw.Text, _kept.Single().RemoteAddress), Is.EqualTo(("unknown order", "content", "203.0.113.1")));
    }

    [Test]
    public async Task A_gateway_id_that_another_order_has_links_no_second_one()
    {
        var order = Stored(Purchase.OfCredits(3, 1990, 10));
        _orders.Setup(o => o.HasGatewayOrderAsync("payjs", "9001", It.IsAny<CancellationToken>())).ReturnsAsync(true);

        Assert.That(await SettleAsync(Message), Is.EqualTo("the gateway's id belongs to another order"));
        Assert.That((order.Status, order.GatewayOrderId), Is.EqualTo((OrderStatus.Pending, (string?)null)));
    }

    // Anyone can put an order's number into a notice.
    [Test]
    public async Task An_unsigned_message_touches_no_order()
    {
        var order = Stored(Purchase.OfCredits(3, 1990, 10));
        var before = Snapshot.Of(order);

        Assert.That(await SettleAsync(Message with { Signed = false, Defect = "the signature is wrong", Payment = null }), Is.EqualTo("the signature is wrong"));
        Assert.That(Snapshot.Of(order), Is.EqualTo(before));
        _orders.Verify(o => o.LockByNumberAsync(It.IsAny<string>(), It.IsAny<CancellationToken>()), Times.Never);
        _notifications.Verify(n => n.TrimUnsignedAsync(It.Is<int>(keep => keep > 0), It.IsAny<CancellationToken>()), Times.Once);
    }

    [Test]
    public async Task Signed_messages_are_never_trimmed()
    {
        await SettleAsync(Message);
        _notifications.Verify(n => n.TrimUnsignedAsync(It.IsAny<int>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [Test]
    public async Task A_payment_that_fits_after_all_leaves_quarantine()
    {
        await SettleAsync(Message);
        Assert.That(_kept.Single().QuarantineReason, Is.EqualTo("unknown order"));

        Stored(Purchase.OfCredits(3, 1990, 10));
        GrantsBecome(null);
        Assert.That(await SettleAsync(Message), Is.Null);
        Assert.That(_kept.Single().QuarantineReason, Is.Null);
    }

    private Order Stored(Purchase purchase)
    {
        var order = Order.Place(Payment.OrderNumber, "payjs", "1600000001", 2, GatewayMode.Live, 42, purchase, 1990, "title", "", PaymentChannel.WeChat, Now);
        _orders.Setup(o => o.LockByNumberAsync(Payment.OrderNumber, It.IsAny<CancellationToken>())).ReturnsAsync(order);
        return order;
    }

    private void GrantsBecome(Exception? failure)
    {
        var grant = _accounts.Setup(a => a.GrantAsync(It.IsAny<long>(), It.IsAny<Grant>(), It.IsAny<string>(), It.IsAny<DateTimeOffset>(), It.IsAny<CancellationToken>()));
        if (failure is null) grant.ReturnsAsync(UserAccount.Create(42, "buyer", null, false, Now));
        else grant.ThrowsAsync(failure);
    }

    private async Task<string?> SettleAsync(GatewayMessage message) =>
        (await _settlement.SettleAsync(message, NotificationSource.Notify, "203.0.113.1", mayBeKept: true, CancellationToken.None)).Defect;
}
