using PayRecharge.Domain;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;
using PayRecharge.UnitTests.Support;

namespace PayRecharge.UnitTests.Domain;

internal sealed class OrderTests
{
    private static readonly DateTimeOffset Now = new(2024, 2, 29, 16, 0, 0, TimeSpan.Zero);

    private static readonly ReportedPayment Payment = new(
        "payjs", "1600000001", GatewayMode.Live, "20240301000000000001", "2024030100000000000000001", 1990, "4200001234", Now.AddMinutes(1));

    private static readonly (string Name, ReportedPayment Payment, PaymentConfirmation Answer)[] Mismatches =
    [
        ("gateway", Payment with { Gateway = "other" }, PaymentConfirmation.OtherGateway),
        ("merchant", Payment with { MerchantId = "1600000002" }, PaymentConfirmation.OtherMerchant),
        ("mode", Payment with { Mode = GatewayMode.Sandbox }, PaymentConfirmation.OtherMerchant),
        ("too little", Payment with { AmountFen = 1989 }, PaymentConfirmation.OtherAmount),
        ("too much", Payment with { AmountFen = 1991 }, PaymentConfirmation.OtherAmount),
        ("nothing", Payment with { AmountFen = 0 }, PaymentConfirmation.OtherAmount),
        ("gateway id", Payment with { GatewayOrderId = "2024030100000000000000002" }, PaymentConfirmation.OtherGatewayOrder),
    ];

    private static IEnumerable<TestCaseData> EveryStateAndMismatch() =>
        from status in Enum.GetValues<OrderStatus>()
        from mismatch in Mismatches
        select new TestCaseData(status, mismatch.Payment, mismatch.Answer).SetArgDisplayNames($"{status}", mismatch.Name);

    [TestCaseSource(nameof(EveryStateAndMismatch))]
    public void A_payment_that_does_not_fit_changes_nothing_in_any_state(OrderStatus status, ReportedPayment payment, PaymentConfirmation answer)
    {
        var order = In(status);
        var before = Snapshot.Of(order);

        Assert.That(order.ConfirmPaid(payment), Is.EqualTo(answer));
        Assert.That(Snapshot.Of(order), Is.EqualTo(before));
    }

    [TestCase(OrderStatus.Pending, false)]
    [TestCase(OrderStatus.Closed, true)]
    public void The_first_payment_is_taken_even_late(OrderStatus status, bool late)
    {
        var order = In(status);

        Assert.That(order.ConfirmPaid(Payment), Is.EqualTo(PaymentConfirmation.FirstTime));
        order.Fulfil(Now.AddMinutes(2));

        Assert.That(order.Status, Is.EqualTo(OrderStatus.Fulfilled));
        Assert.That(order.PaidLate, Is.EqualTo(late));
        Assert.That((order.TransactionId, order.PaidAt, order.FulfilledAt), Is.EqualTo(("4200001234", Now.AddMinutes(1), Now.AddMinutes(2))));
    }

    [TestCase(OrderStatus.Fulfilled)]
    [TestCase(OrderStatus.NeedsAttention)]
    [TestCase(OrderStatus.Refunded)]
    public void A_payment_that_is_known_changes_nothing(OrderStatus status)
    {
        var order = In(status);
        var before = Snapshot.Of(order);

        var again = Payment with { TransactionId = "another", PaidAt = Now.AddDays(1) };
        Assert.That(order.ConfirmPaid(again), Is.EqualTo(PaymentConfirmation.Already));
        Assert.That(Snapshot.Of(order), Is.EqualTo(before));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_payment_names_an_order_whose_gateway_id_was_not_known_yet(bool closed)
    {
        var order = Place();
        if (closed) order.Close();

        Assert.That(order.ConfirmPaid(Payment), Is.EqualTo(PaymentConfirmation.FirstTime));
        Assert.That(order.GatewayOrderId, Is.EqualTo(Payment.GatewayOrderId));
        Assert.That(order.PaidLate, Is.EqualTo(closed));
    }

    [Test]
    public void A_paid_order_that_cannot_be_delivered_waits_for_an_admin()
    {
        var order = In(OrderStatus.Pending);
        order.ConfirmPaid(Payment);
        order.RefuseFulfilment(Refusal.AccountPermanent);

        Assert.That(order.Status, Is.EqualTo(OrderStatus.NeedsAttention));
        Assert.That(order.Attention, Does.Contain(nameof(Refusal.AccountPermanent)));
        Assert.That((order.PaidAt, order.FulfilledAt), Is.EqualTo(((DateTimeOffset?)Payment.PaidAt, (DateTimeOffset?)null)));
    }

    [Test]
    public void What_admins_saw_to_is_delivered_later_and_nothing_is_left_to_say()
    {
        var order = In(OrderStatus.NeedsAttention);
        order.RefuseFulfilment(Refusal.UserUnknown);
        Assert.That(order.Attention, Does.Contain(nameof(Refusal.UserUnknown)));

        order.Fulfil(Now);
        Assert.That((order.Status, order.FulfilledAt, order.Attention), Is.EqualTo((OrderStatus.Fulfilled, (DateTimeOffset?)Now, (string?)null)));
    }

    [Test]
    public void Only_what_is_paid_and_undelivered_can_be_ended([Values(OrderStatus.Pending, OrderStatus.Closed, OrderStatus.Fulfilled, OrderStatus.Refunded)] OrderStatus status)
    {
        var order = In(status);
        var before = Snapshot.Of(order);

        Assert.That(() => order.Fulfil(Now), Throws.InvalidOperationException);
        Assert.That(() => order.RefuseFulfilment(Refusal.UserUnknown), Throws.InvalidOperationException);
        Assert.That(Snapshot.Of(order), Is.EqualTo(before));
    }

    [Test]
    public void Closing_ends_a_pending_order_only([Values] OrderStatus status)
    {
        var order = In(status);
        var before = Snapshot.Of(order);
        order.Close("nobody paid");

        if (status == OrderStatus.Pending) Assert.That((order.Status, order.Attention), Is.EqualTo((OrderStatus.Closed, "nobody paid")));
        else Assert.That(Snapshot.Of(order), Is.EqualTo(before));
    }

    [Test]
    public void Closing_without_a_reason_leaves_no_remark()
    {
        var order = In(OrderStatus.Pending);
        order.Close();
        Assert.That((order.Status, order.Attention), Is.EqualTo((OrderStatus.Closed, (string?)null)));
    }

    [Test]
    public void The_gateway_names_an_order_once()
    {
        var order = Place();
        order.AttachGatewayOrder("first");
        order.AttachGatewayOrder("first");
        Assert.That((order.GatewayOrderId, order.Attention), Is.EqualTo(("first", (string?)null)));

        order.AttachGatewayOrder("second");
        Assert.That(order.GatewayOrderId, Is.EqualTo("first"));
        Assert.That(order.Attention, Does.Contain("second"));
    }

    [Test]
    public void A_reply_that_comes_after_the_payment_changes_nothing()
    {
        var order = Place();
        order.ConfirmPaid(Payment);
        order.Fulfil(Now);
        var before = Snapshot.Of(order);
        order.AttachGatewayOrder(Payment.GatewayOrderId);
        Assert.That(Snapshot.Of(order), Is.EqualTo(before));
    }

    [Test]
    public void A_new_order_is_pending_and_unpaid()
    {
        var order = Place();
        Assert.That(
            (order.Status, order.GatewayOrderId, order.PaidAt, order.FulfilledAt, order.PaidLate, order.Attention, order.CreatedAt),
            Is.EqualTo((OrderStatus.Pending, (string?)null, (DateTimeOffset?)null, (DateTimeOffset?)null, false, (string?)null, Now)));
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void An_order_costs_something(long fen) => Assert.That(() => Place(fen), Refuses.With(Refusal.AmountInvalid));

    [Test]
    public void Only_what_is_paid_can_be_refunded([Values(OrderStatus.Pending, OrderStatus.Closed)] OrderStatus status)
    {
        var order = In(status);
        Assert.That(() => order.BeginRefund("why", Now), Refuses.With(Refusal.OrderUnpaid));
        Assert.That(() => order.Refund(null, Now), Throws.InvalidOperationException);
        Assert.That((order.Status, order.RefundRequestedAt, order.Attention), Is.EqualTo((status, (DateTimeOffset?)null, (string?)null)));
    }

    [Test]
    public void A_refund_is_marked_before_it_is_made_and_made_once()
    {
        var order = In(OrderStatus.Fulfilled);
        Assert.That(order.BeginRefund("why", Now));
        Assert.That((order.Status, order.RefundRequestedAt, order.Attention),
            Is.EqualTo((OrderStatus.Fulfilled, (DateTimeOffset?)Now, "a refund was asked for and is not confirmed: why")));
        order.EndRefund("refused", order.RefundClaimedUntil);
        Assert.That((order.Status, order.RefundRequestedAt, order.Attention), Is.EqualTo((OrderStatus.Fulfilled, (DateTimeOffset?)null, "refused")));

        order.BeginRefund("why", Now);
        order.Refund("5 are gone", Now);
        Assert.That(order.BeginRefund("again", Now), Is.False);
        Assert.That(order.EndRefund("too late", order.RefundClaimedUntil), Is.False);
        Assert.That((order.Status, order.RefundedAt, order.Attention), Is.EqualTo((OrderStatus.Refunded, (DateTimeOffset?)Now, "5 are gone")));
    }

    [Test]
    public void One_refund_call_at_a_time_has_the_order_to_itself()
    {
        var order = In(OrderStatus.Fulfilled);
        order.BeginRefund("first", Now);
        var first = order.RefundClaimedUntil;
        Assert.That(() => order.BeginRefund("second", Now + Order.RefundCallLasts - TimeSpan.FromMilliseconds(1)), Refuses.With(Refusal.RefundUnderWay));
        order.BeginRefund("second", Now + Order.RefundCallLasts);
        var second = order.RefundClaimedUntil;

        order.ReleaseRefund(first);
        Assert.That((order.EndRefund("refused", first), order.RefundClaimedUntil), Is.EqualTo((false, second)));
        Assert.That(order.EndRefund("refused", second));
        Assert.That((order.RefundClaimedUntil, order.RefundRequestedAt, order.Status), Is.EqualTo(((DateTimeOffset?)null, (DateTimeOffset?)null, OrderStatus.Fulfilled)));
        order.Refund(null, Now);
        Assert.That(order.Status, Is.EqualTo(OrderStatus.Refunded), "the first one's late success stands");
    }

    // The column holds 255 characters, and a gateway's message may be longer.
    [Test]
    public void A_long_remark_is_cut()
    {
        var order = Place();
        order.MarkForAttention(new string('x', 256));
        Assert.That(order.Attention, Is.EqualTo(new string('x', 255)));
    }

    [Test]
    public void That_an_order_was_paid_twice_stays_in_sight_until_it_is_dismissed()
    {
        var order = In(OrderStatus.NeedsAttention);
        order.TakeAnotherPayment(Payment with { TransactionId = "second" });
        const string twice = "paid twice at the gateway: transactions 4200001234 and second";
        Assert.That(order.Attention, Is.EqualTo(twice));
        order.RefuseFulfilment(Refusal.UserUnknown);
        Assert.That(order.Attention, Is.EqualTo(twice + "; paid, but not delivered: UserUnknown"));
        order.Fulfil(Now);
        Assert.That(order.Attention, Is.EqualTo(twice));
        order.BeginRefund("why", Now);
        order.Refund(null, Now);
        Assert.That(order.Attention, Is.EqualTo(twice));
        order.DismissAttention();
        Assert.That(order.Attention, Is.Null);
    }

    private static Order Place(long fen = 1990) => Order.Place(
        Payment.OrderNumber, Payment.Gateway, Payment.MerchantId, 1, Payment.Mode, 42, Purchase.OfCredits(1, 1990, 1), fen, "title", "attach", PaymentChannel.WeChat, Now);

    private static Order In(OrderStatus status)
    {
        var order = Place();
        order.AttachGatewayOrder(Payment.GatewayOrderId);
        switch (status)
        {
            case OrderStatus.Closed: order.Close(); break;
            case OrderStatus.Fulfilled: order.ConfirmPaid(Payment); order.Fulfil(Now); break;
            case OrderStatus.NeedsAttention: order.ConfirmPaid(Payment); order.RefuseFulfilment(Refusal.UserUnknown); break;
            case OrderStatus.Refunded: order.ConfirmPaid(Payment); order.Fulfil(Now); order.BeginRefund("why", Now); order.Refund(null, Now); break;
        }
        Assert.That(order.Status, Is.EqualTo(status));
        return order;
    }
}
