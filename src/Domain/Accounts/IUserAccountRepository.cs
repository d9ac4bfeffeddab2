namespace PayRecharge.Domain.Accounts;

/// <summary>
/// The accounts. They may live in another system, outside our transactions: so changes go through <see cref="GrantAsync"/>, named
/// by a ledger key that such an implementation can make exactly-once, and nothing else joins onto them.
/// </summary>
public interface IUserAccountRepository
{
    /// <summary>Finds an account as a client names it; an e-mail that several accounts have finds none. For reading.</summary>
    Task<UserAccount?> FindAsync(AccountReference reference, CancellationToken cancellationToken);

    /// <summary>Finds an account by id. For reading.</summary>
    Task<UserAccount?> FindAsync(long uid, CancellationToken cancellationToken);

    /// <summary>Lists accounts for an admin.</summary>
    /// <param name="namePrefix">What the names begin with, case aside; they are sorted by name then. Null: all, sorted by id.</param>
    /// <param name="after">The last account of the page before; null: from the first on.</param>
    /// <param name="take">How many at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.UserUnknown"/>: the page goes on after an account that is not there.</exception>
    Task<IReadOnlyList<UserAccount>> ListAsync(string? namePrefix, long? after, int take, CancellationToken cancellationToken);

    /// <summary>The user names of accounts by their ids; those that are gone are left out.</summary>
    Task<IReadOnlyDictionary<long, string>> ReadNamesAsync(IReadOnlyCollection<long> uids, CancellationToken cancellationToken);

    /// <summary>Adds an account, gives it its id and writes its opening entries.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.UserNameTaken"/> or <see cref="Refusal.EmailTaken"/>.</exception>
    Task AddAsync(UserAccount account, Grant opening, CancellationToken cancellationToken);

    /// <summary>Takes hold of those accounts that nobody else is changing, so that to grant them something in this unit of work waits for nobody.</summary>
    /// <returns>Which those are.</returns>
    Task<IReadOnlySet<long>> LockFreeAsync(IReadOnlyCollection<long> uids, CancellationToken cancellationToken);

    /// <summary>Changes an account and writes the ledger, whole or not at all, once for a ledger key.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.UserUnknown"/>, <see cref="Refusal.AccountPermanent"/> or
    /// <see cref="Refusal.AmountInvalid"/>; nothing is changed then.</exception>
    Task<UserAccount> GrantAsync(long uid, Grant grant, string ledgerKey, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Takes back as much of what a ledger key gave an account as is still there, once for a ledger key.</summary>
    /// <param name="uid">The account.</param>
    /// <param name="givenKey">The ledger key under which it was given.</param>
    /// <param name="seconds">The card time given, in seconds; the ledger's figure holds time that had passed before, too.</param>
    /// <param name="ledgerKey">The ledger key of the taking back.</param>
    /// <param name="now">The time (UTC).</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What could not be taken back; all of it where the account is gone.</returns>
    Task<Grant> TakeBackAsync(long uid, string givenKey, long seconds, string ledgerKey, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Sets what only admins may set outright.</summary>
    /// <param name="uid">The account.</param>
    /// <param name="cardTimeExpiry">Unix seconds, 0 for permanent; absent leaves it.</param>
    /// <param name="enabled">Whether the account may order; absent leaves it.</param>
    /// <param name="ledgerKey">The ledger key of the act.</param>
    /// <param name="now">The time (UTC).</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.UserUnknown"/> or <see cref="Refusal.AmountInvalid"/>.</exception>
    Task<UserAccount> SetAsync(
        long uid, long? cardTimeExpiry, bool? enabled, string ledgerKey, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Writes that a buyer got a kami.</summary>
    Task RecordKamiAsync(long uid, string ledgerKey, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Finds a login by its token.</summary>
    Task<Login?> FindLoginAsync(string token, CancellationToken cancellationToken);

    /// <summary>Adds a login; the oldest beyond <paramref name="keep"/> end with it.</summary>
    Task AddTokenAsync(AccountToken token, long keep, CancellationToken cancellationToken);
}
