namespace PayRecharge.Application;

/// <summary>One transaction of the database.</summary>
public interface IUnitOfWork
{
    /// <summary>
    /// Runs the work in a transaction, stores what it changed and commits. Where the database asks for another try (a deadlock,
    /// a lock not granted in time, a connection lost on the way) the whole work runs again from a clean slate: it must have no effect
    /// outside the database. A commit that may have happened is not repeated.
    /// </summary>
    /// <exception cref="UniqueConstraintException">Something of the same unique key exists already; nothing was stored.</exception>
    /// <exception cref="CommitUnknownException">The work may be stored or not.</exception>
    Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Runs the work in the same way and has the database store what it changed, but takes all of it back in place of the commit.</summary>
    Task RehearseAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken);

    /// <summary>Has the database make a small change durable that has no meaning and that nobody sees. It throws where the database takes no writes.</summary>
    Task ProveAsync(CancellationToken cancellationToken);
}

/// <summary>Another row holds a key that must be unique; the transaction was rolled back.</summary>
public sealed class UniqueConstraintException(Exception inner) : Exception("A unique key is taken.", inner);

/// <summary>The connection was lost while a transaction was being committed, or a cluster could not tell what became of it.</summary>
public sealed class CommitUnknownException(Exception inner) : Exception("Whether the change was stored is not known: look before you repeat it.", inner);
