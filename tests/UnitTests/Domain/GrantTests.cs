using CsCheck;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.UnitTests.Domain;

internal sealed class GrantTests
{
    [Test]
    public void Amounts_of_one_kind_add_up_to_one_entry()
    {
        var sum = Grant.OfCredits(2, 5).And(Grant.OfCredits(2, 7)).And(Grant.OfDevices(1));
        Assert.That(sum.Amounts, Is.EqualTo(new Dictionary<LedgerKind, long> { [LedgerKind.Credits2] = 12, [LedgerKind.Devices] = 1 }));
    }

    [Test]
    public void Kinds_that_do_not_change_are_absent()
    {
        Assert.That(Grant.OfCredits(1, 0).And(Grant.OfCardTime(0)).And(Grant.OfDevices(0)).Amounts, Is.Empty);
        Assert.That(Grant.OfCredits(1, 5).And(Grant.OfCredits(1, -5)).Amounts, Is.Empty);
        Assert.That(Grant.Nothing.Amounts, Is.Empty);
    }

    [Test]
    public void Adding_leaves_both_parts_as_they_were_and_order_does_not_matter() =>
        Gen.Select(Grants, Grants).Sample((a, b) =>
        {
            var (was, and) = (a.Amounts.ToList(), b.Amounts.ToList());
            var same = a.And(b).Amounts.SequenceEqual(b.And(a).Amounts);
            return same && a.Amounts.SequenceEqual(was) && b.Amounts.SequenceEqual(and);
        });

    [TestCase(0)]
    [TestCase(9)]
    public void Only_eight_credit_types_exist(int type) => Assert.That(() => Grant.OfCredits(type, 1), Throws.TypeOf<ArgumentOutOfRangeException>());

    internal static Gen<Grant> Part(long low, long high) => Gen.Select(Gen.Int[1, 10], Gen.Long[low, high]).Select((kind, amount) => kind switch
    {
        9 => Grant.OfCardTime(amount),
        10 => Grant.OfDevices(amount),
        _ => Grant.OfCredits(kind, amount),
    });

    private static readonly Gen<Grant> Grants = Part(-3, 3).Array[0, 6].Select(parts => parts.Aggregate(Grant.Nothing, (sum, part) => sum.And(part)));
}
