namespace PayRecharge.Application;

/// <summary>One database transaction.</summary>
public interface IUnitOfWork
{
    /// <summary>
    /// Runs the work in a transaction, saves its changes and commits. After a transient database error (a deadlock, a lock timeout, a
    /// lost connection), the whole work runs again from the start, so it must have no effect outside the database. A commit that may
    /// have succeeded is not repeated.
    /// </summary>
    /// <exception cref="UniqueConstraintException">A row with the same unique key exists; nothing was stored.</exception>
    /// <exception cref="CommitUnknownException">It is unknown whether the work was stored.</exception>
    Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Runs the work in the same way and writes its changes to the database, but rolls back instead of committing.</summary>
    Task RehearseAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken);

    /// <summary>Commits a small write that leaves no trace. Throws if the database accepts no writes.</summary>
    Task ProveAsync(CancellationToken cancellationToken);
}

/// <summary>Another row has the same unique key; the transaction was rolled back.</summary>
public sealed class UniqueConstraintException(Exception inner) : Exception("A unique key is taken.", inner);

/// <summary>The connection was lost during a commit, or a cluster could not report the commit's outcome.</summary>
public sealed class CommitUnknownException(Exception inner) : Exception("Whether the change was stored is not known: look before you repeat it.", inner);
