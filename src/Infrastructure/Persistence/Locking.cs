using System.Collections;
using System.Numerics;
using Microsoft.EntityFrameworkCore;

namespace PayRecharge.Infrastructure.Persistence;

internal static class Locking
{
    /// <summary>Reads one row and locks it until the transaction ends.</summary>
    /// <param name="db">The database.</param>
    /// <param name="select">The statement, with <c>{0}</c> for the value. Sent unchanged: inside another it would not lock.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Cancels the wait for the lock.</param>
    public static async Task<T?> LockOneAsync<T>(this RechargeDbContext db, string select, object value, CancellationToken cancellationToken)
        where T : class =>
        (await db.Set<T>().FromSqlRaw(select + db.LockingClause, value).ToListAsync(cancellationToken)).SingleOrDefault();

    /// <summary>Reads rows and locks them until the transaction ends; skips rows locked by others.</summary>
    /// <param name="db">The database.</param>
    /// <param name="select">The statement up to the column that is compared with the values.</param>
    /// <param name="values">The values, at least one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async Task<List<T>> LockFreeAsync<T>(
        this RechargeDbContext db, string select, IEnumerable values, CancellationToken cancellationToken)
        where T : class
    {
        object[] all = [.. values.Cast<object>()];
        // Pad with the last value to a power of two: EF compiles each length separately.
        all = [.. all, .. Enumerable.Repeat(all[^1], (int)BitOperations.RoundUpToPowerOf2((uint)all.Length) - all.Length)];
        var list = string.Join(", ", Enumerable.Range(0, all.Length).Select(i => $"{{{i}}}"));
        return await db.Set<T>().FromSqlRaw(select + " IN (" + list + ")" + db.SkippingClause, all).ToListAsync(cancellationToken);
    }
}
