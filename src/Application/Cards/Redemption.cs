using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;

namespace PayRecharge.Application.Cards;

/// <summary>The only code path that redeems kamis: all credits, trade credits, seconds and devices, or nothing.</summary>
internal sealed class Redemption(ICardRepository cards, IUserAccountRepository accounts, ISettingsStore store, IUnitOfWork unit, TimeProvider clock)
{
    public const string CodePattern = "^[0-9A-Fa-f]{32}\\z";

    /// <summary>Redeems a kami for an account, in its own unit of work.</summary>
    /// <param name="uid">The user id.</param>
    /// <param name="code">The kami's code, in upper or lower case.</param>
    /// <param name="evenDisabled">Whether a disabled account may redeem, too.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="RefusedException">The kami was not redeemed; nothing was changed.</exception>
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
