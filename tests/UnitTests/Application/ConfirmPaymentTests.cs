using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;
using PayRecharge.Application;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;
using PayRecharge.UnitTests.Support;

namespace PayRecharge.UnitTests.Application;

internal sealed class ConfirmPaymentTests
{
    private static readonly DateTimeOffset Now = new(2024, 2, 29, 16, 0, 0, TimeSpan.Zero);
    private static readonly Merchant Merchant = new("payjs", "1600000001", "key");
    private static readonly ConfirmPayment Notice = new("payjs", RawMessage.Of("content"), "203.0.113.1");
    private static readonly GatewayMessage Unsigned = new("payjs", "hash", Signed: false, "1", RawMessage.Of("content"), "the signature is wrong", null);

    private readonly List<string> _events = [];
    private ScriptedUnitOfWork _unit = null!;
    private Mock<INotificationRepository> _notifications = null!;
    private Mock<IDefectiveNoticeQuota> _quota = null!;
    private GatewayMessage _message = Unsigned;
    private IReadOnlyList<Merchant>? _asked;
    private RechargeSettings _settings = new() { Merchant = Merchant };

    [SetUp]
    public void SetUp()
    {
        _events.Clear();
        _unit = new ScriptedUnitOfWork(_events);
        _notifications = new Mock<INotificationRepository>();
        _quota = new Mock<IDefectiveNoticeQuota>(MockBehavior.Strict);
        _quota.Setup(q => q.TryTake("203.0.113.1")).Returns(true);
        _message = Unsigned;
        _asked = null;
        _settings = new() { Merchant = Merchant };
    }

    // The same notice came twice concurrently: the loser of the race finds it stored.
    [Test]
    public async Task A_race_for_a_unique_key_is_run_once_more()
    {
        _unit.Fail(1);

        Assert.That(await ConfirmAsync(), Is.EqualTo(NoticeVerdict.Quarantined));
        Assert.That(string.Join(' ', _events), Is.EqualTo("begin begin commit"));
    }

    [Test]
    public void A_race_lost_twice_is_an_error_and_PAYJS_comes_again()
    {
        _unit.Fail(2);

        Assert.That(() => ConfirmAsync(), Throws.TypeOf<UniqueConstraintException>());
        Assert.That(string.Join(' ', _events), Is.EqualTo("begin begin"));
    }

    [Test]
    public async Task Defective_notices_beyond_the_quota_do_not_reach_the_database()
    {
        _quota.Setup(q => q.TryTake("203.0.113.1")).Returns(false);

        Assert.That(await ConfirmAsync(), Is.EqualTo(NoticeVerdict.TooMany));
        Assert.That(_events, Is.Empty);
    }

    [Test]
    public async Task Whole_notices_have_no_quota()
    {
        _message = new("payjs", "hash", Signed: true, "1", RawMessage.Of("content"), null, new("payjs", "1600000001", GatewayMode.Live, "1", "2", 100, "4200", Now));

        Assert.That(await ConfirmAsync(), Is.EqualTo(NoticeVerdict.Quarantined), "no order has that number");
        _quota.VerifyNoOtherCalls();
    }

    [Test]
    public async Task Without_a_merchant_nothing_can_be_verified()
    {
        _settings = new();

        Assert.That(await ConfirmAsync(), Is.EqualTo(NoticeVerdict.NotConfigured));
        Assert.That((_asked, _events), Is.EqualTo(((IReadOnlyList<Merchant>?)null, new List<string>())));
    }

    [Test]
    public async Task Retired_keys_count_for_thirty_days()
    {
        var old = new Merchant("payjs", "2", "k", Now.AddDays(-30));
        var justNow = new Merchant("payjs", "3", "k", Now.AddDays(-30).AddSeconds(1));
        _settings = new() { Merchant = Merchant, RetiredMerchants = [old, justNow] };
        await ConfirmAsync();

        Assert.That(_asked, Is.EqualTo(new[] { Merchant, justNow }));
    }

    private Task<NoticeVerdict> ConfirmAsync()
    {
        var clock = new FixedClock(Now);
        var gateway = new Mock<IPaymentGateway>(MockBehavior.Strict);
        gateway.Setup(g => g.Code).Returns("payjs");
        gateway.Setup(g => g.ReadNotice(Notice.Notice, It.IsAny<IReadOnlyList<Merchant>>()))
            .Returns((RawMessage _, IReadOnlyList<Merchant> merchants) =>
            {
                _asked = merchants;
                return _message;
            });
        var store = new Mock<ISettingsStore>();
        store.Setup(s => s.GetAsync(It.IsAny<CancellationToken>())).ReturnsAsync(_settings);
        // The shared settlement fails: Settlement takes over.
        var scopes = new Mock<IServiceScopeFactory>();
        scopes.Setup(s => s.CreateScope()).Throws(new UniqueConstraintException(new InvalidOperationException()));
        var settlement = new Settlement(
            Mock.Of<IOrderRepository>(), Mock.Of<ICardRepository>(), Mock.Of<IUserAccountRepository>(), _notifications.Object, clock, NullLogger<Settlement>.Instance);
        return new ConfirmPaymentHandler(new([gateway.Object]), new SharedSettlement(scopes.Object), settlement, _quota.Object, store.Object, _unit, clock).Handle(Notice, CancellationToken.None);
    }
}
