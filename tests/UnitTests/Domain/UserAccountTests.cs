using CsCheck;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.UnitTests.Support;

namespace PayRecharge.UnitTests.Domain;

internal sealed class UserAccountTests
{
    private const long Maximum = 2_147_483_647; // 2³¹−1, the limit of the forum's columns
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    [Test]
    public void A_new_account_has_nothing_and_its_card_time_ends_now()
    {
        var account = New();
        Assert.That(Enumerable.Range(1, 8).Select(account.CreditsOf), Is.All.Zero);
        Assert.That((account.Devices, account.CardTimeExpiry, account.IsPermanent, account.Enabled), Is.EqualTo((0L, 1_700_000_000L, false, true)));
    }

    [Test]
    public void Only_the_flag_makes_a_new_account_permanent() =>
        Assert.That((New(permanent: true).CardTimeExpiry, New(permanent: true).IsPermanent), Is.EqualTo((0L, true)));

    [TestCase(" Zoë ", "Zoë", "ZOË")]
    [TestCase("DUPOND@Example.COM", "DUPOND@Example.COM", "DUPOND@EXAMPLE.COM")]
    [TestCase("张三", "张三", "张三")]
    public void Names_and_mails_compare_without_case(string text, string shown, string compared)
    {
        var account = UserAccount.Create(1, text, text, false, Now);
        Assert.That((account.UserName, account.UserNameKey, account.Email, account.EmailKey), Is.EqualTo((shown, compared, shown, compared)));
    }

    [Test]
    public void What_was_given_is_taken_back_as_far_as_it_is_there() => Gen.Select(
            Gen.Long[0, 1000], Gen.Long[-1000, 1000], Gen.Long[0, 1000], Gen.Long[1, 1000], Gen.Bool)
        .Sample((balance, secondsLeft, credits, seconds, permanent) =>
        {
            var account = New(permanent);
            account.Apply(Grant.OfCredits(3, balance), "open:1", Now);
            if (!permanent) account.SetCardTimeExpiry(Now.ToUnixTimeSeconds() + secondsLeft, "admin:1", Now);
            var expiry = account.CardTimeExpiry;

            var (entries, missing) = account.TakeBack(Grant.OfCredits(3, credits).And(Grant.OfCardTime(seconds)), "refund:1", Now);

            var (creditsTaken, secondsTaken) = (Math.Min(balance, credits), permanent ? 0 : Math.Clamp(secondsLeft, 0, seconds));
            Assert.That((account.CreditsOf(3), account.CardTimeExpiry), Is.EqualTo((balance - creditsTaken, expiry - secondsTaken)));
            Assert.That(missing.Amounts.GetValueOrDefault(LedgerKind.Credits3), Is.EqualTo(credits - creditsTaken));
            Assert.That(missing.Amounts.GetValueOrDefault(LedgerKind.CardTime), Is.EqualTo(seconds - secondsTaken));
            Assert.That(entries.Sum(e => e.Delta), Is.EqualTo(-creditsTaken - secondsTaken));
            Assert.That(entries.All(e => e.Delta < 0));
        });

    [Test]
    public void Each_credit_type_has_its_own_balance([Range(1, 8)] int type)
    {
        var account = New();
        var entry = account.Apply(Grant.OfCredits(type, 5), "order:1", Now).Single();

        Assert.That(Enumerable.Range(1, 8).Select(account.CreditsOf), Is.EqualTo(Enumerable.Range(1, 8).Select(t => t == type ? 5 : 0)));
        Assert.That(
            (entry.Uid, entry.Key, (int)entry.Kind, entry.Delta, entry.Before, entry.After, entry.At),
            Is.EqualTo((42L, "order:1", type, 5L, 0L, 5L, Now)));
    }

    // The account's card time ends at Now.
    [TestCase(-100, 60, 60, Description = "time left counts on from its end")]
    [TestCase(0, 60, 60)]
    [TestCase(100, 60, 160, Description = "time that has ended counts on from now")]
    public void Card_time_counts_from_now_or_from_its_end_whichever_is_later(long secondsLater, long bought, long after)
    {
        var account = New();
        var entry = account.Apply(Grant.OfCardTime(bought), "order:1", Now.AddSeconds(secondsLater)).Single();

        Assert.That(account.CardTimeExpiry, Is.EqualTo(1_700_000_000 + after));
        Assert.That((entry.Before, entry.After, entry.Delta), Is.EqualTo((1_700_000_000L, 1_700_000_000 + after, after)));
    }

    [Test]
    public void A_permanent_account_takes_no_card_time_and_nothing_that_comes_with_it()
    {
        var account = New(permanent: true);
        var grant = Grant.OfCredits(1, 5).And(Grant.OfCardTime(1));
        Assert.That(account.WhyNot(grant, Now), Is.EqualTo(Refusal.AccountPermanent));
        Assert.That(() => account.Apply(grant, "order:1", Now), Refuses.With(Refusal.AccountPermanent));
        Assert.That((account.CreditsOf(1), account.IsPermanent), Is.EqualTo((0L, true)));

        account.Apply(Grant.OfCredits(1, 5), "order:2", Now);
        Assert.That(account.CreditsOf(1), Is.EqualTo(5));
    }

    private static IEnumerable<Grant> ToTheBrim() =>
        [Grant.OfCredits(1, Maximum), Grant.OfCredits(8, Maximum), Grant.OfDevices(Maximum), Grant.OfCardTime(Maximum - 1_700_000_000)];

    [TestCaseSource(nameof(ToTheBrim))]
    public void A_balance_may_reach_the_limit_but_not_pass_it(Grant toTheBrim)
    {
        var account = New();
        Assert.That(account.Apply(toTheBrim, "order:1", Now).Single().After, Is.EqualTo(Maximum));

        var kind = toTheBrim.Amounts.Keys.Single();
        var before = Snapshot.Of(account);
        var oneMore = kind switch
        {
            LedgerKind.CardTime => Grant.OfCardTime(1),
            LedgerKind.Devices => Grant.OfDevices(1),
            _ => Grant.OfCredits((int)kind, 1),
        };
        Assert.That(account.WhyNot(oneMore, Now), Is.EqualTo(Refusal.AmountInvalid));
        Assert.That(() => account.Apply(oneMore, "order:2", Now), Refuses.With(Refusal.AmountInvalid));
        Assert.That(Snapshot.Of(account), Is.EqualTo(before));
    }

    [Test]
    public void One_part_that_does_not_fit_keeps_the_others_out()
    {
        var account = New();
        Assert.That(() => account.Apply(Grant.OfCredits(1, 5).And(Grant.OfDevices(-1)), "admin:1", Now), Refuses.With(Refusal.AmountInvalid));
        Assert.That(account.CreditsOf(1), Is.Zero);
    }

    // 0 means "permanent", not "ended long ago".
    [Test]
    public void Taking_time_away_never_makes_an_account_permanent()
    {
        var account = New();
        Assert.That(() => account.Apply(Grant.OfCardTime(-1_700_000_000), "admin:1", Now), Refuses.With(Refusal.AmountInvalid));
        Assert.That(() => account.Apply(Grant.OfCardTime(-1_700_000_001), "admin:1", Now), Refuses.With(Refusal.AmountInvalid));
        Assert.That(account.Apply(Grant.OfCardTime(-1_699_999_999), "admin:1", Now).Single().After, Is.EqualTo(1));
    }

    [TestCase(0, true)]
    [TestCase(1, false)]
    [TestCase(Maximum, false)]
    public void An_admin_sets_card_time_outright(long expiry, bool permanent)
    {
        var account = New();
        var entry = account.SetCardTimeExpiry(expiry, "admin:1", Now);
        Assert.That((account.CardTimeExpiry, account.IsPermanent), Is.EqualTo((expiry, permanent)));
        Assert.That((entry.Kind, entry.Before, entry.After, entry.Delta), Is.EqualTo((LedgerKind.CardTime, 1_700_000_000L, expiry, expiry - 1_700_000_000)));
    }

    [TestCase(-1)]
    [TestCase(Maximum + 1)]
    public void Not_even_an_admin_sets_card_time_past_the_limits(long expiry)
    {
        var account = New();
        Assert.That(() => account.SetCardTimeExpiry(expiry, "admin:1", Now), Refuses.With(Refusal.AmountInvalid));
        Assert.That(account.CardTimeExpiry, Is.EqualTo(1_700_000_000));
    }

    [Test]
    public void A_disabled_account_still_gets_what_it_paid_for()
    {
        var account = New();
        account.SetEnabled(false);
        account.Apply(Grant.OfCredits(1, 5), "order:1", Now);
        Assert.That((account.Enabled, account.CreditsOf(1)), Is.EqualTo((false, 5L)));
    }

    [Test]
    public void The_opening_entry_tells_where_card_time_began()
    {
        var entry = New().OpeningEntry();
        Assert.That(
            (entry.Uid, entry.Key, entry.Kind, entry.Before, entry.After, entry.At),
            Is.EqualTo((42L, "open:42", LedgerKind.CardTime, 0L, 1_700_000_000L, Now)));
    }

    [Test]
    public void An_entry_of_a_kami_moves_no_balance()
    {
        var entry = LedgerEntry.OfKami(42, LedgerKeys.Order(7), Now);
        Assert.That((entry.Uid, entry.Key, entry.Kind, entry.Before, entry.After, entry.Delta), Is.EqualTo((42L, "order:7", LedgerKind.Kami, 0L, 1L, 1L)));
    }

    [Test]
    public void Ledger_keys_of_different_causes_differ()
    {
        var act = Guid.NewGuid();
        string[] keys = [LedgerKeys.Order(1), LedgerKeys.Kami(1), LedgerKeys.Opening(1), LedgerKeys.Admin(act)];
        Assert.That(keys, Is.EqualTo(new[] { "order:1", "kami:1", "open:1", $"admin:{act:N}" }));
        Assert.That(keys, Has.All.Length.LessThanOrEqualTo(64));
    }

    // Small steps, and steps past both limits, on a clock that advances.
    private static readonly Gen<(Grant Grant, int Wait)> Steps = Gen.Select(
        Gen.OneOf(GrantTests.Part(-1000, 1000), GrantTests.Part(-2 * Maximum, 2 * Maximum)).Array[1, 4]
            .Select(parts => parts.Aggregate(Grant.Nothing, (sum, part) => sum.And(part))),
        Gen.Int[0, 100_000]);

    [Test]
    public void The_ledger_is_an_unbroken_chain_that_explains_every_balance() =>
        Gen.Select(Gen.Bool, Steps.Array[0, 40]).Sample((permanent, steps) =>
        {
            var account = New(permanent);
            var opening = Balances(account);
            var ledger = new List<LedgerEntry>();
            var now = Now;
            foreach (var (grant, wait) in steps)
            {
                now = now.AddSeconds(wait);
                var before = Balances(account);
                var refusal = account.WhyNot(grant, now);
                try
                {
                    var entries = account.Apply(grant, "admin:1", now);
                    Assert.That(refusal, Is.Null);
                    Assert.That(entries.Select(e => e.Kind), Is.EqualTo(grant.Amounts.Keys), "one entry a kind");
                    Assert.That(entries.Where(e => e.Kind != LedgerKind.CardTime).All(e => e.Delta == grant.Amounts[e.Kind]), "as much as granted");
                    ledger.AddRange(entries);
                }
                catch (RefusedException refused)
                {
                    Assert.That(refused.Refusal, Is.EqualTo(refusal));
                    Assert.That(Balances(account), Is.EqualTo(before), "nothing changes on refusal");
                }
            }

            Assert.That(account.IsPermanent, Is.EqualTo(permanent));
            foreach (var (kind, balance) in Balances(account))
            {
                Assert.That(balance, Is.InRange(0, Maximum));
                var chain = ledger.Where(e => e.Kind == kind).ToList();
                var value = opening[kind];
                foreach (var entry in chain)
                {
                    Assert.That(entry.Before, Is.EqualTo(value));
                    Assert.That(entry.Delta, Is.EqualTo(entry.After - entry.Before));
                    value = entry.After;
                }
                Assert.That(value, Is.EqualTo(balance));
                Assert.That(opening[kind] + chain.Sum(e => e.Delta), Is.EqualTo(balance));
            }
        });

    private static Dictionary<LedgerKind, long> Balances(UserAccount account)
    {
        var balances = Enumerable.Range(1, 8).ToDictionary(type => (LedgerKind)type, account.CreditsOf);
        balances[LedgerKind.CardTime] = account.CardTimeExpiry;
        balances[LedgerKind.Devices] = account.Devices;
        return balances;
    }

    private static UserAccount New(bool permanent = false) => UserAccount.Create(42, "buyer", "buyer@example.com", permanent, Now);
}
