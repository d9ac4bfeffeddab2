using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Orders;
using PayRecharge.UnitTests.Support;

namespace PayRecharge.UnitTests.Domain;

internal sealed class PurchaseTests
{
    [Test]
    public void Credits_give_their_type()
    {
        var purchase = Purchase.OfCredits(8, 1990, 10);

        Assert.That((purchase.Kind, purchase.CreditType, purchase.Credits), Is.EqualTo((PurchaseKind.Credits, 8, 199L)));
        Assert.That(purchase.ToGrant().Amounts, Is.EqualTo(new Dictionary<LedgerKind, long> { [LedgerKind.Credits8] = 199 }));
    }

    [Test]
    public void Card_time_gives_seconds()
    {
        var purchase = Purchase.OfCardTime(50, 86_400);

        Assert.That((purchase.Kind, purchase.CreditType, purchase.Seconds), Is.EqualTo((PurchaseKind.CardTime, 0, 43_200L)));
        Assert.That(purchase.ToGrant().Amounts, Is.EqualTo(new Dictionary<LedgerKind, long> { [LedgerKind.CardTime] = 43_200 }));
    }

    [Test]
    public void A_kami_keeps_the_rule_as_it_stood_and_gives_the_buyer_nothing_yet()
    {
        var rule = CardRule.Create(3, 1000, 11, 22, 33, 44);
        var purchase = rule.ToPurchase();
        rule.Change(1, 1, 1, 1, 1);

        Assert.That(
            (purchase.Kind, purchase.CardRuleId, purchase.CreditType, purchase.Credits, purchase.TradeCredits, purchase.Seconds, purchase.Devices),
            Is.EqualTo((PurchaseKind.Kami, 3L, 0, 11L, 22L, 33L, 44L)));
        Assert.That(purchase.ToGrant().Amounts, Is.Empty);
    }

    [TestCase(0)]
    [TestCase(9)]
    [TestCase(-1)]
    public void Only_eight_credit_types_exist(int type) => Assert.That(() => Purchase.OfCredits(type, 100, 1), Refuses.With(Refusal.FieldInvalid));

    [TestCase(99, 1)]
    [TestCase(100, 0)]
    [TestCase(0, 100)]
    public void What_buys_nothing_is_refused(long fen, int ratio)
    {
        Assert.That(() => Purchase.OfCredits(1, fen, ratio), Refuses.With(Refusal.AmountInvalid));
        Assert.That(() => Purchase.OfCardTime(fen, ratio), Refuses.With(Refusal.AmountInvalid));
    }
}
