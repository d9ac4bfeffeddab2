namespace PayRecharge.Domain.Accounts;

/// <summary>
/// The accounts. They may be stored in another system, outside our transactions. So changes go through <see cref="GrantAsync"/> with a
/// ledger key, which lets such a system apply each change exactly once, and no query joins accounts with other data.
/// </summary>
public interface IUserAccountRepository
{
    /// <summary>Finds an account by a client's reference, read-only. An e-mail of several accounts finds no account.</summary>
    Task<UserAccount?> FindAsync(AccountReference reference, CancellationToken cancellationToken);

    /// <summary>Finds an account by id, read-only.</summary>
    Task<UserAccount?> FindAsync(long uid, CancellationToken cancellationToken);

    /// <summary>Lists accounts for an admin.</summary>
    /// <param name="namePrefix">A prefix of the names, ignoring case; sorts by name. Null: all accounts, sorted by id.</param>
    /// <param name="after">The id of the last account of the previous page; null: the first page.</param>
    /// <param name="take">The maximum number of accounts.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.UserUnknown"/>: the account <paramref name="after"/> is unknown.</exception>
    Task<IReadOnlyList<UserAccount>> ListAsync(string? namePrefix, long? after, int take, CancellationToken cancellationToken);

    /// <summary>Reads user names by account id. Accounts that no longer exist are left out.</summary>
    Task<IReadOnlyDictionary<long, string>> ReadNamesAsync(IReadOnlyCollection<long> uids, CancellationToken cancellationToken);

    /// <summary>Adds an account, assigns its id and writes its opening ledger entries.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.UserNameTaken"/> or <see cref="Refusal.EmailTaken"/>.</exception>
    Task AddAsync(UserAccount account, Grant opening, CancellationToken cancellationToken);

    /// <summary>Locks the accounts that no other transaction has locked. Grants to these in this unit of work never wait.</summary>
    /// <returns>The ids of the locked accounts.</returns>
    Task<IReadOnlySet<long>> LockFreeAsync(IReadOnlyCollection<long> uids, CancellationToken cancellationToken);

    /// <summary>Changes an account and writes the ledger, completely or not at all, once per ledger key.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.UserUnknown"/>, <see cref="Refusal.AccountPermanent"/> or
    /// <see cref="Refusal.AmountInvalid"/>; nothing was changed.</exception>
    Task<UserAccount> GrantAsync(long uid, Grant grant, string ledgerKey, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Takes back what a ledger key gave an account, as far as it is still there. Once per ledger key.</summary>
    /// <param name="uid">The user id.</param>
    /// <param name="givenKey">The ledger key of the original grant.</param>
    /// <param name="seconds">The granted card time in seconds. (The ledger's delta also contains the time since a previous expiry.)</param>
    /// <param name="ledgerKey">The ledger key of this change.</param>
    /// <param name="now">The time (UTC).</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The part that could not be taken back; all of it if the account no longer exists.</returns>
    Task<Grant> TakeBackAsync(long uid, string givenKey, long seconds, string ledgerKey, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Sets values that only admins may set directly.</summary>
    /// <param name="uid">The user id.</param>
    /// <param name="cardTimeExpiry">Unix seconds, 0 for permanent; null: unchanged.</param>
    /// <param name="enabled">Whether the account may order; null: unchanged.</param>
    /// <param name="ledgerKey">The ledger key of the admin's change.</param>
    /// <param name="now">The time (UTC).</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.UserUnknown"/> or <see cref="Refusal.AmountInvalid"/>.</exception>
    Task<UserAccount> SetAsync(
        long uid, long? cardTimeExpiry, bool? enabled, string ledgerKey, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Writes the ledger entry of a kami for its buyer.</summary>
    Task RecordKamiAsync(long uid, string ledgerKey, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Finds a login by its token.</summary>
    Task<Login?> FindLoginAsync(string token, CancellationToken cancellationToken);

    /// <summary>Adds a login and removes the oldest ones beyond <paramref name="keep"/>.</summary>
    Task AddTokenAsync(AccountToken token, long keep, CancellationToken cancellationToken);
}
