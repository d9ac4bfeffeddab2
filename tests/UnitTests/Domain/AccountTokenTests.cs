using PayRecharge.Domain.Accounts;

namespace PayRecharge.UnitTests.Domain;

internal sealed class AccountTokenTests
{
    [Test]
    public void A_token_is_43_letters_and_digits_drawn_anew()
    {
        var tokens = Enumerable.Range(0, 1000).Select(_ => AccountToken.Draw()).ToList();

        Assert.That(tokens, Has.All.Match("^[A-Za-z0-9]{43}\\z"));
        Assert.That(tokens, Is.Unique);
        // All 62 characters occur, and no place is fixed: a place misses 30 of them less than once in 10^250 runs.
        Assert.That(tokens.SelectMany(t => t).Distinct().Count(), Is.EqualTo(62));
        for (var place = 0; place < 43; place++) Assert.That(tokens.Select(t => t[place]).Distinct().Count(), Is.GreaterThan(32), $"place {place}");
    }

    // SHA-256 of "abc": FIPS 180-4, appendix example.
    [Test]
    public void Only_the_hash_is_kept()
    {
        var expiry = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var token = AccountToken.For(42, "abc", expiry);
        Assert.That(
            (token.Uid, token.Hash, token.ExpiresAt),
            Is.EqualTo((42L, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", (DateTimeOffset?)expiry)));
    }

    [Test]
    public void Tokens_differ_by_case() => Assert.That(AccountToken.HashOf("a"), Is.Not.EqualTo(AccountToken.HashOf("A")));
}
