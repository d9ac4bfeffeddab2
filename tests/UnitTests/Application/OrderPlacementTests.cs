using Moq;
using PayRecharge.Application;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;
using PayRecharge.UnitTests.Support;

namespace PayRecharge.UnitTests.Application;

internal sealed class OrderPlacementTests
{
    private static readonly DateTimeOffset Now = new(2024, 2, 29, 16, 0, 0, TimeSpan.Zero);
    private static readonly RechargeSettings Settings = new() { Merchant = new Merchant("payjs", "1600000001", "key") };

    private static readonly CreateCreditOrder Request =
        new(new AccountReference(AccountReferenceKind.Uid, "42"), "19.90", "1", "title", "attach", PaymentChannel.Alipay, "203.0.113.1");

    private readonly List<string> _events = [];
    private readonly List<Order> _drawn = [];
    private Mock<IOrderRepository> _orders = null!;
    private Mock<IPaymentGateway> _gateway = null!;
    private ScriptedUnitOfWork _unit = null!;
    private CancellationToken _gatewayCancel = new(canceled: true);

    [SetUp]
    public void SetUp()
    {
        _events.Clear();
        _drawn.Clear();
        _unit = new ScriptedUnitOfWork(_events);
        _orders = new Mock<IOrderRepository>(MockBehavior.Strict);
        _orders.Setup(o => o.Add(It.IsAny<Order>(), Now.AddSeconds(50), It.IsAny<string>(), It.IsAny<int>())).Callback<Order, DateTimeOffset, string, int>((order, _, _, _) => _drawn.Add(order));
        _orders.Setup(o => o.CountOpenAsync(It.IsAny<long>(), It.IsAny<string>(), It.IsAny<CancellationToken>())).ReturnsAsync((0, 0));
        _orders.Setup(o => o.GiveUpPlaceAsync(It.IsAny<long>(), CancellationToken.None)).Returns(() =>
        {
            _events.Add("place");
            return Task.CompletedTask;
        });
        _orders.Setup(o => o.LockAsync(It.IsAny<long>(), It.IsAny<CancellationToken>())).ReturnsAsync(() => _drawn[^1]);
        _orders.Setup(o => o.TryAttachGatewayOrderAsync(It.IsAny<long>(), It.IsAny<string>(), CancellationToken.None))
            .ReturnsAsync((long _, string id, CancellationToken _) =>
            {
                if (_drawn[^1].GatewayOrderId is not null) return false;
                _events.Add("attach");
                _drawn[^1].AttachGatewayOrder(id);
                return true;
            });
        _gateway = new Mock<IPaymentGateway>(MockBehavior.Strict);
        _gateway.Setup(g => g.Code).Returns("payjs");
        _gateway.Setup(g => g.Mode).Returns(GatewayMode.Live);
        _gateway.Setup(g => g.Schedule).Returns(new CheckSchedule([TimeSpan.FromSeconds(50)]));
        _gateway.Setup(g => g.NotifyUrl(null)).Returns("https://pay.example.com/notify");
        Answer(order => new PaymentCode("payjs", "weixin://", "https://", order.Number, "9001", order.AmountFen, "SUCCESS", new Dictionary<string, string>()));
    }

    [Test]
    public async Task The_order_is_stored_before_the_gateway_hears_of_it_and_no_transaction_is_open_then()
    {
        await PlaceAsync();

        Assert.That(string.Join(' ', _events), Is.EqualTo("begin commit gateway attach"));
        var order = _drawn.Single();
        Assert.That((order.Status, order.GatewayOrderId, order.Attention), Is.EqualTo((OrderStatus.Pending, "9001", (string?)null)));
        Assert.That(
            (order.MerchantId, order.Mode, order.Uid, order.AmountFen, order.Title, order.Attach, order.Channel, order.CreatedAt),
            Is.EqualTo(("1600000001", GatewayMode.Live, 42L, 1990L, "title", "attach", PaymentChannel.Alipay, Now)));
        Assert.That(order.Number, Does.Match("^20240301000000[0-9]{6}\\z"), "the site's time is Shanghai's");
    }

    [Test]
    public async Task A_refusal_of_the_gateway_ends_the_order_and_is_passed_on()
    {
        Answer(_ => new GatewayRefusal("余额不足"));

        Assert.That(await PlaceAsync(), Is.EqualTo(new GatewayRefusal("余额不足")));
        Assert.That(_drawn.Single().Status, Is.EqualTo(OrderStatus.Closed));
        Assert.That(_drawn.Single().Attention, Does.Contain("余额不足"));
    }

    // A late notice still finds the order by number.
    [Test]
    public void A_gateway_that_is_silent_leaves_the_order_pending_and_unnamed()
    {
        Answer(_ => throw new RefusedException(Refusal.GatewayFailed));

        Assert.That(() => PlaceAsync(), Refuses.With(Refusal.GatewayFailed));
        Assert.That(string.Join(' ', _events), Is.EqualTo("begin commit gateway place"));
        Assert.That((_drawn.Single().Status, _drawn.Single().GatewayOrderId), Is.EqualTo((OrderStatus.Pending, (string?)null)));
    }

    [TestCase(1)]
    [TestCase(4)]
    public async Task A_number_that_is_taken_is_drawn_again(int collisions)
    {
        _unit.Fail(collisions);
        await PlaceAsync();

        Assert.That(_drawn, Has.Count.EqualTo(collisions + 1));
        Assert.That(_drawn, Is.Unique, "a new order each time, not the one that was rolled back");
        Assert.That(_events.Count(e => e == "gateway"), Is.EqualTo(1));
        var stored = _drawn[^1];
        _gateway.Verify(g => g.PlaceAsync(stored, It.IsAny<Merchant>(), "https://pay.example.com/notify", It.IsAny<CancellationToken>()), Times.Once);
    }

    [Test]
    public void After_five_draws_it_gives_up_without_asking_the_gateway()
    {
        _unit.Fail(5);

        Assert.That(() => PlaceAsync(), Throws.TypeOf<UniqueConstraintException>());
        Assert.That(_drawn, Has.Count.EqualTo(5));
        Assert.That(_events, Has.None.EqualTo("gateway").And.None.EqualTo("commit"));
    }

    [Test]
    public async Task A_client_that_hangs_up_cannot_keep_the_gateways_answer_from_being_stored()
    {
        using var hangUp = new CancellationTokenSource();
        Answer(order =>
        {
            hangUp.Cancel();
            return new PaymentCode("payjs", "weixin://", "https://", order.Number, "9001", order.AmountFen, "SUCCESS", new Dictionary<string, string>());
        });

        await PlaceAsync(cancel: hangUp.Token);

        Assert.That(_gatewayCancel.IsCancellationRequested, Is.False);
        Assert.That(_drawn.Single().GatewayOrderId, Is.EqualTo("9001"));
    }

    [Test]
    public async Task A_notice_that_overtook_the_answer_is_not_undone()
    {
        Answer(order =>
        {
            order.ConfirmPaid(new("payjs", "1600000001", GatewayMode.Live, order.Number, "9001", 1990, "4200", Now));
            order.Fulfil(Now);
            return new PaymentCode("payjs", "weixin://", "https://", order.Number, "9001", order.AmountFen, "SUCCESS", new Dictionary<string, string>());
        });

        await PlaceAsync();

        Assert.That((_drawn.Single().Status, _drawn.Single().Attention), Is.EqualTo((OrderStatus.Fulfilled, (string?)null)));
    }

    [Test]
    public void Without_a_merchant_nothing_is_stored()
    {
        Assert.That(() => PlaceAsync(settings: new RechargeSettings()), Refuses.With(Refusal.GatewayNotConfigured));
        Assert.That(_events, Is.Empty);
    }

    private void Answer(Func<Order, PlacementOutcome> outcome) => _gateway
        .Setup(g => g.PlaceAsync(It.IsAny<Order>(), It.IsAny<Merchant>(), "https://pay.example.com/notify", It.IsAny<CancellationToken>()))
        .Returns((Order order, Merchant _, string _, CancellationToken cancel) =>
        {
            _events.Add("gateway");
            var answer = Task.FromResult(outcome(order));
            _gatewayCancel = cancel;
            return answer;
        });

    private Task<PlacementOutcome> PlaceAsync(RechargeSettings? settings = null, CancellationToken cancel = default) =>
        new OrderPlacement(_orders.Object, new([_gateway.Object]), _unit, new OpenOrderLimits(0, 0), new FixedClock(Now))
            .PlaceAsync(42, Purchase.OfCredits(1, 1990, 10), 1990, Request, settings ?? Settings, cancel);
}
