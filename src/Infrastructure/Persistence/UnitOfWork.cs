using System.Data;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using MySqlConnector;
using PayRecharge.Application;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

internal sealed class UnitOfWork(RechargeDbContext db, SqliteWriter writer, OrderWatch watch, CurrentChange change, TimeProvider clock) : IUnitOfWork
{
    public Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) => RunAsync(work, keep: true, cancellationToken);

    public Task RehearseAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken) => RunAsync(
        async cancel =>
        {
            await work(cancel);
            return true;
        }, keep: false, cancellationToken);

    // One transaction adds and removes the row. Its night is random, so instances do not wait for each other, and no audit uses it.
    public Task ProveAsync(CancellationToken cancellationToken) => ExecuteAsync(async cancel =>
    {
        var night = new DateOnly(1000, 1, 1).AddDays(RandomNumberGenerator.GetInt32(300_000));
        db.NightlyAudits.Add(new NightlyAudit { Night = night, BeganAt = clock.GetUtcNow() });
        await db.SaveChangesAsync(cancel);
        return await db.NightlyAudits.Where(a => a.Night == night).ExecuteDeleteAsync(cancel);
    }, cancellationToken);

    private async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, bool keep, CancellationToken cancellationToken)
    {
        // On SQLite an inner unit would wait for the outer one forever.
        if (db.Database.CurrentTransaction is not null) throw new InvalidOperationException("Units of work do not nest.");
        using var turn = await writer.WaitAsync(cancellationToken);
        try
        {
            return await db.Database.CreateExecutionStrategy().ExecuteAsync(cancel => TryAsync(work, keep, cancel), cancellationToken);
        }
        catch (DbUpdateException exception) when (IsUniqueViolation(exception.InnerException))
        {
            throw new UniqueConstraintException(exception);
        }
    }

    private async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> work, bool keep, CancellationToken cancellationToken)
    {
        var committing = false;
        try
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
            using var recording = change.Action is null ? null : new ChangeRecording(db, change, clock);
            var result = await work(cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            if (recording is not null) await recording.StoreAsync(cancellationToken);
            if (!keep)
            {
                await transaction.RollbackAsync(cancellationToken);
                return result;
            }
            committing = true;
            await transaction.CommitAsync(cancellationToken);
            foreach (var order in db.ChangeTracker.Entries<Order>())
            {
                if (order.Entity.Status == OrderStatus.Fulfilled) watch.Announce(order.Entity.Id);
            }
            return result;
        }
        // A deadlock is certainly rolled back; a cluster also reports a conflict found at the commit as a deadlock. After any other error
        // the work may be stored, and a repeat could apply it twice.
        catch (Exception exception) when (committing && exception is not (OperationCanceledException or MySqlException { ErrorCode: MySqlErrorCode.LockDeadlock }))
        {
            throw new CommitUnknownException(exception);
        }
    }

    private static bool IsUniqueViolation(Exception? exception) => exception switch
    {
        MySqlException mysql => mysql.ErrorCode == MySqlErrorCode.DuplicateKeyEntry,
        // SQLITE_CONSTRAINT_UNIQUE and SQLITE_CONSTRAINT_PRIMARYKEY
        SqliteException sqlite => sqlite.SqliteExtendedErrorCode is 2067 or 1555,
        _ => false,
    };
}

/// <summary>
/// Lets one transaction at a time write to SQLite, first come, first served: by default SQLite's waiting writers poll, and some then wait
/// for seconds. Other databases need no queue.
/// </summary>
internal sealed class SqliteWriter(bool oneAtATime) : IDisposable
{
    private readonly SemaphoreSlim? _turn = oneAtATime ? new(1) : null;

    public async Task<IDisposable?> WaitAsync(CancellationToken cancellationToken)
    {
        if (_turn is null) return null;
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    public void Dispose() => _turn?.Dispose();

    private sealed class Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
