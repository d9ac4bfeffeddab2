using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;
using PayRecharge.UnitTests.Support;

namespace PayRecharge.UnitTests.Domain;

internal sealed class CardTests
{
    private static readonly DateTimeOffset Now = new(2024, 2, 29, 16, 0, 0, TimeSpan.Zero);

    [Test]
    public void A_kami_is_32_upper_case_hex_characters_drawn_anew()
    {
        var codes = Enumerable.Range(0, 1000).Select(_ => NewKami().Code).ToList();

        Assert.That(codes, Has.All.Match("^[0-9A-F]{32}\\z"));
        Assert.That(codes, Is.Unique);
        // 128 random bits: each of the 16 characters occurs at each position.
        for (var place = 0; place < 32; place++) Assert.That(codes.Select(c => c[place]).Distinct().Count(), Is.EqualTo(16), $"place {place}");
    }

    [Test]
    public void A_kami_gives_what_its_order_bought()
    {
        var kami = NewKami();
        var grant = kami.Redeem(7, 2, 3, Now.AddDays(1));

        Assert.That(grant.Amounts, Is.EqualTo(new Dictionary<LedgerKind, long>
        {
            [LedgerKind.Credits2] = 11,
            [LedgerKind.Credits3] = 22,
            [LedgerKind.CardTime] = 33,
            [LedgerKind.Devices] = 44,
        }));
        Assert.That((kami.RedeemedBy, kami.RedeemedAt, kami.CreatedAt), Is.EqualTo(((long?)7, (DateTimeOffset?)Now.AddDays(1), Now)));
    }

    [Test]
    public void Two_kinds_of_credits_may_be_of_one_type() =>
        Assert.That(NewKami().Redeem(7, 5, 5, Now).Amounts[LedgerKind.Credits5], Is.EqualTo(33));

    [TestCase(7)]
    [TestCase(8)]
    public void A_kami_is_redeemed_once(long secondUid)
    {
        var kami = NewKami();
        kami.Redeem(7, 2, 3, Now);
        var before = Snapshot.Of(kami);

        Assert.That(() => kami.Redeem(secondUid, 2, 3, Now.AddSeconds(1)), Refuses.With(Refusal.KamiRedeemed));
        Assert.That(Snapshot.Of(kami), Is.EqualTo(before));
    }

    [TestCase(0, 1, 0, 0, 0, 0)]
    [TestCase(-1, 1, 0, 0, 0, 0)]
    [TestCase(1, 0, 0, 0, 0, 0)]
    [TestCase(1, -1, 0, 0, 0, 0)]
    [TestCase(1, 1, -1, 0, 0, 0)]
    [TestCase(1, 1, 0, -1, 0, 0)]
    [TestCase(1, 1, 0, 0, -1, 0)]
    [TestCase(1, 1, 0, 0, 0, -1)]
    [TestCase(1, 1, 2_147_483_648, 0, 0, 0)]
    [TestCase(1, 1, 0, 2_147_483_648, 0, 0)]
    [TestCase(1, 1, 0, 0, 2_147_483_648, 0)]
    [TestCase(1, 1, 0, 0, 0, 2_147_483_648)]
    public void A_rule_keeps_its_numbers_in_range(long id, long price, long credits, long tradeCredits, long seconds, long devices)
    {
        Assert.That(() => CardRule.Create(id, price, credits, tradeCredits, seconds, devices), Throws.TypeOf<ArgumentOutOfRangeException>());
        if (id > 0)
            Assert.That(() => CardRule.Create(1, 1, 0, 0, 0, 0).Change(price, credits, tradeCredits, seconds, devices), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_rule_holds_the_largest_numbers_and_changes_whole()
    {
        var rule = CardRule.Create(1, 1, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue);
        rule.Change(2, 3, 4, 5, 6);
        Assert.That((rule.Id, rule.PriceFen, rule.Credits, rule.TradeCredits, rule.Seconds, rule.Devices), Is.EqualTo((1L, 2L, 3L, 4L, 5L, 6L)));
    }

    private static Kami NewKami() => Kami.For(
        Order.Place("1", "payjs", "1", 1, GatewayMode.Live, 42, CardRule.Create(1, 1000, 11, 22, 33, 44).ToPurchase(), 1000, "", "", PaymentChannel.WeChat, Now), Now);
}
