using Microsoft.EntityFrameworkCore;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>The accounts in our own database.</summary>
internal sealed class UserAccountRepository(RechargeDbContext db, PaidLists lists) : IUserAccountRepository
{
    public async Task<UserAccount?> FindAsync(AccountReference reference, CancellationToken cancellationToken)
    {
        var key = UserAccount.Fold(reference.Text);
        return reference.Kind switch
        {
            AccountReferenceKind.Uid => long.TryParse(reference.Text, out var uid) ? await FindAsync(uid, cancellationToken) : null,
            AccountReferenceKind.Email => await db.UserAccounts.AsNoTracking().SingleOrDefaultAsync(a => a.EmailKey == key, cancellationToken),
            _ => await db.UserAccounts.AsNoTracking().SingleOrDefaultAsync(a => a.UserNameKey == key, cancellationToken),
        };
    }

    public Task<UserAccount?> FindAsync(long uid, CancellationToken cancellationToken) =>
        db.UserAccounts.AsNoTracking().SingleOrDefaultAsync(a => a.Uid == uid, cancellationToken);

    public async Task<IReadOnlyList<UserAccount>> ListAsync(string? namePrefix, long? after, int take, CancellationToken cancellationToken)
    {
        var accounts = db.UserAccounts.AsNoTracking();
        if (namePrefix is null) return await accounts.Where(a => a.Uid > (after ?? 0)).OrderBy(a => a.Uid).Take(take).ToListAsync(cancellationToken);
        var prefix = UserAccount.Fold(namePrefix);
        // A range instead of LIKE, for which SQLite would not use the index. Both databases sort by code points.
        var end = prefix + "\U0010FFFF";
        var named = accounts.Where(a => string.Compare(a.UserNameKey, prefix) >= 0 && string.Compare(a.UserNameKey, end) < 0);
        if (after is { } uid)
        {
            var last = (await FindAsync(uid, cancellationToken) ?? throw new RefusedException(Refusal.UserUnknown)).UserNameKey;
            named = named.Where(a => string.Compare(a.UserNameKey, last) > 0);
        }
        return await named.OrderBy(a => a.UserNameKey).Take(take).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyDictionary<long, string>> ReadNamesAsync(IReadOnlyCollection<long> uids, CancellationToken cancellationToken) =>
        await db.UserAccounts.AsNoTracking().Where(a => EF.Constant(uids).Contains(a.Uid)).ToDictionaryAsync(a => a.Uid, a => a.UserName, cancellationToken);

    public async Task AddAsync(UserAccount account, Grant opening, CancellationToken cancellationToken)
    {
        if (await db.UserAccounts.AnyAsync(a => a.UserNameKey == account.UserNameKey, cancellationToken)) throw new RefusedException(Refusal.UserNameTaken);
        if (account.EmailKey is { } email && await db.UserAccounts.AnyAsync(a => a.EmailKey == email, cancellationToken)) throw new RefusedException(Refusal.EmailTaken);
        db.UserAccounts.Add(account);
        await db.SaveChangesAsync(cancellationToken);
        var given = account.Apply(opening, LedgerKeys.Opening(account.Uid), account.CreatedAt);
        // The opening entry already includes the given card time: from 0 to the account's first expiry.
        db.LedgerEntries.AddRange([account.OpeningEntry(), .. given.Where(e => e.Kind != LedgerKind.CardTime)]);
    }

    public async Task<IReadOnlySet<long>> LockFreeAsync(IReadOnlyCollection<long> uids, CancellationToken cancellationToken) =>
        (await db.LockFreeAsync<UserAccount>("SELECT * FROM UserAccounts WHERE Uid", uids, cancellationToken)).Select(a => a.Uid).ToHashSet();

    public async Task<UserAccount> GrantAsync(long uid, Grant grant, string ledgerKey, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var account = await LockAsync(uid, cancellationToken);
        db.LedgerEntries.AddRange(account.Apply(grant, ledgerKey, now));
        return account;
    }

    public async Task<Grant> TakeBackAsync(
        long uid, string givenKey, long seconds, string ledgerKey, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var given = (await db.LedgerEntries.AsNoTracking().Where(e => e.Key == givenKey && e.Uid == uid).ToListAsync(cancellationToken))
            .Where(e => e.Kind is not (LedgerKind.CardTime or LedgerKind.Kami))
            .Aggregate(Grant.OfCardTime(seconds), (sum, entry) => sum.And(Grant.Of(entry.Kind, entry.Delta)));
        var account = await db.LockOneAsync<UserAccount>("SELECT * FROM UserAccounts WHERE Uid = {0}", uid, cancellationToken);
        if (account is null) return given;
        var (entries, missing) = account.TakeBack(given, ledgerKey, now);
        db.LedgerEntries.AddRange(entries);
        return missing;
    }

    public async Task<UserAccount> SetAsync(
        long uid, long? cardTimeExpiry, bool? enabled, string ledgerKey, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var account = await LockAsync(uid, cancellationToken);
        if (cardTimeExpiry is { } expiry && expiry != account.CardTimeExpiry) db.LedgerEntries.Add(account.SetCardTimeExpiry(expiry, ledgerKey, now));
        if (enabled is { } value) account.SetEnabled(value);
        return account;
    }

    public async Task RecordKamiAsync(long uid, string ledgerKey, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (Locked(uid) is null && !await db.UserAccounts.AnyAsync(a => a.Uid == uid, cancellationToken)) throw new RefusedException(Refusal.UserUnknown);
        db.LedgerEntries.Add(LedgerEntry.OfKami(uid, ledgerKey, now));
    }

    public Task<Login?> FindLoginAsync(string token, CancellationToken cancellationToken) => lists.FindLoginAsync(AccountToken.HashOf(token), cancellationToken);

    public async Task AddTokenAsync(AccountToken token, long keep, CancellationToken cancellationToken)
    {
        // Two concurrent logins must not each keep the other's token. (On two nodes of a cluster they can, since a lock holds only on its
        // own node: then one extra token lives until the next login.)
        await LockAsync(token.Uid, cancellationToken);
        db.AccountTokens.Add(token);
        await db.SaveChangesAsync(cancellationToken);
        var replaced = await db.AccountTokens.Where(t => t.Uid == token.Uid).OrderByDescending(t => t.Id)
            .Skip((int)keep).Select(t => (long?)t.Id).FirstOrDefaultAsync(cancellationToken);
        if (replaced is { } last) await db.AccountTokens.Where(t => t.Uid == token.Uid && t.Id <= last).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task<UserAccount> LockAsync(long uid, CancellationToken cancellationToken) =>
        Locked(uid) ?? await db.LockOneAsync<UserAccount>("SELECT * FROM UserAccounts WHERE Uid = {0}", uid, cancellationToken)
            ?? throw new RefusedException(Refusal.UserUnknown);

    // Accounts that are only read are not tracked.
    private UserAccount? Locked(long uid) => db.UserAccounts.Local.FindEntry(uid)?.Entity;
}
