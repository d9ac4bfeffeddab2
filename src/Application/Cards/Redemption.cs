using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;

namespace PayRecharge.Application.Cards;

/// <summary>The one way from a kami to what it gives: credits, trade credits, seconds and devices at once, or nothing.</summary>
internal sealed class Redemption(ICardRepository cards, IUserAccountRepository accounts, ISettingsStore store, IUnitOfWork unit, TimeProvider clock)
{
    /// <summary>A key as it is sent.</summary>
    public const string CodePattern = "^[0-9A-Fa-f]{32}\\z";

    /// <summary>Redeems a kami for an account, in a unit of work of its own.</summary>
    /// <param name="uid">The account.</param>
    /// <param name="code">The key, in capitals or not.</param>
    /// <param name="evenDisabled">Whether a disabled account gets it, too.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RefusedException">Why it was not redeemed; the kami can still be used.</exception>
    public async Task<(Kami Kami, UserAccount Account)> RedeemAsync(long uid, string code, bool evenDisabled, CancellationToken cancellationToken)
    {
        var settings = await store.GetAsync(cancellationToken);
        return await unit.ExecuteAsync(async cancel =>
        {
            var now = clock.GetUtcNow();
            var kami = await cards.LockKamiAsync(code.ToUpperInvariant(), cancel) ?? throw new RefusedException(Refusal.KamiUnknown);
            var grant = kami.Redeem(uid, settings.SoftCreditType, settings.TradeCreditType, now);
            var account = await accounts.GrantAsync(uid, grant, LedgerKeys.Kami(kami.Id), now, cancel);
            return account.Enabled || evenDisabled ? (kami, account) : throw new RefusedException(Refusal.AccountDisabled);
        }, cancellationToken);
    }
}
