using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;
using PayRecharge.Application;
using PayRecharge.Application.Payments;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;
using PayRecharge.UnitTests.Support;

namespace PayRecharge.UnitTests.Application;

/// <summary>Which notices share a transaction, and which need the slow path.</summary>
internal sealed class SharedSettlementTests
{
    private const long Buyer = 42, BusyBuyer = 43;
    private static readonly DateTimeOffset Now = new(2024, 2, 29, 16, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, Order> _free = [];
    private readonly ConcurrentQueue<string[]> _transactions = [];
    private readonly ConcurrentQueue<Notification> _kept = [];
    private readonly ConcurrentQueue<Kami> _kamis = [];
    private TaskCompletionSource _database = null!;
    private ServiceProvider _services = null!;
    private SharedSettlement _shared = null!;

    [SetUp]
    public void SetUp()
    {
        _free.Clear();
        _transactions.Clear();
        _kept.Clear();
        _kamis.Clear();
        _database = new TaskCompletionSource();
        _database.SetResult();
        var orders = new Mock<IOrderRepository>(MockBehavior.Strict);
        orders.Setup(o => o.LockFreeAsync(It.IsAny<IReadOnlyCollection<string>>(), It.IsAny<CancellationToken>()))
            .Returns(async (IReadOnlyCollection<string> numbers, CancellationToken _) =>
            {
                _transactions.Enqueue([.. numbers]);
                await _database.Task;
                return [.. numbers.Where(_free.ContainsKey).Select(n => _free[n])];
            });
        var accounts = new Mock<IUserAccountRepository>();
        accounts.Setup(a => a.LockFreeAsync(It.IsAny<IReadOnlyCollection<long>>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync((IReadOnlyCollection<long> uids, CancellationToken _) => uids.Where(u => u != BusyBuyer).ToHashSet());
        var notifications = new Mock<INotificationRepository>();
        notifications.Setup(n => n.Add(It.IsAny<Notification>())).Callback<Notification>(_kept.Enqueue);
        var cards = new Mock<ICardRepository>();
        cards.Setup(c => c.AddKami(It.IsAny<Kami>())).Callback<Kami>(_kamis.Enqueue);
        _services = new ServiceCollection()
            .AddSingleton(orders.Object).AddSingleton(accounts.Object)
            .AddScoped<IUnitOfWork>(_ => new ScriptedUnitOfWork([]))
            .AddSingleton(new Settlement(orders.Object, cards.Object, accounts.Object, notifications.Object, new FixedClock(Now), NullLogger<Settlement>.Instance))
            .BuildServiceProvider();
        _shared = new SharedSettlement(_services.GetRequiredService<IServiceScopeFactory>());
    }

    [TearDown]
    public void TearDown() => _services.Dispose();

    [Test]
    public async Task Payments_that_come_while_others_are_stored_share_the_next_transactions()
    {
        _database = new TaskCompletionSource();
        var notices = Enumerable.Range(0, 30).Select(i => SettleAsync(Placed($"{i}"))).ToList();
        _database.SetResult();

        Assert.That(await Task.WhenAll(notices), Is.All.True);
        Assert.That(_transactions, Has.Count.InRange(3, 5));
        Assert.That(_transactions.SelectMany(numbers => numbers), Is.EquivalentTo(_free.Keys));
        Assert.That(_kept.Select(n => (n.OrderNumber, n.AmountFen)), Is.EquivalentTo(_free.Keys.Select(n => (n, (long?)100))));
        Assert.That(_kamis, Has.Count.EqualTo(30));
    }

    [Test]
    public async Task The_second_notice_of_an_order_finds_it_paid_by_the_first()
    {
        var order = Placed("1");
        _database = new TaskCompletionSource();
        var first = new[] { SettleAsync(Placed("a")), SettleAsync(Placed("b")) };
        var notices = new[] { SettleAsync(order), SettleAsync(order) };
        _database.SetResult();

        Assert.That((await Task.WhenAll(notices), await Task.WhenAll(first)), Is.EqualTo((new[] { true, false }, new[] { true, true })));
        Assert.That(_kept.Count(n => n.OrderNumber == "1"), Is.EqualTo(1));
    }

    [TestCase("locked by another")]
    [TestCase("account locked by another")]
    [TestCase("without the gateway's id")]
    [TestCase("another amount")]
    [TestCase("paid")]
    public async Task What_is_more_than_a_first_payment_is_left_as_it_was(string what)
    {
        var order = Placed("1", uid: what.StartsWith("account", StringComparison.Ordinal) ? BusyBuyer : Buyer, withGatewayId: what != "without the gateway's id");
        if (what == "locked by another") _free.Clear();
        if (what == "paid") await SettleAsync(order);
        _kept.Clear();
        var before = Snapshot.Of(order);

        Assert.That(await SettleAsync(order, what == "another amount" ? 99 : 100), Is.False);
        Assert.That((Snapshot.Of(order), _kept.Count), Is.EqualTo((before, 0)));
    }

    private Order Placed(string number, long uid = Buyer, bool withGatewayId = true)
    {
        var order = Order.Place(number, "payjs", "1600000001", 2, GatewayMode.Live, uid, CardRule.Create(1, 100, 1, 2, 3, 4).ToPurchase(), 100, "title", "", PaymentChannel.WeChat, Now);
        if (withGatewayId) order.AttachGatewayOrder("g" + number);
        return _free[number] = order;
    }

    private Task<bool> SettleAsync(Order order, long fen = 100) => _shared.TrySettleAsync(
        new GatewayMessage("payjs", "hash " + order.Number, Signed: true, order.Number, RawMessage.Of("content"), null,
            new ReportedPayment("payjs", "1600000001", GatewayMode.Live, order.Number, "g" + order.Number, fen, "4200", Now))
        { Keys = [new("payjs", "1600000001", "key", Number: 2)] },
        "203.0.113.1", CancellationToken.None);
}
