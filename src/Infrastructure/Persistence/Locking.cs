using Microsoft.EntityFrameworkCore;

namespace PayRecharge.Infrastructure.Persistence;

internal static class Locking
{
    /// <summary>Reads one row and locks it until the transaction ends.</summary>
    /// <param name="db">The database.</param>
    /// <param name="select">The statement, with <c>{0}</c> for the value; sent as it stands, since wrapped in another it would not lock.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public static async Task<T?> LockOneAsync<T>(this RechargeDbContext db, string select, object value, CancellationToken cancellationToken)
        where T : class =>
        (await db.Set<T>().FromSqlRaw(select + db.LockingClause, value).ToListAsync(cancellationToken)).SingleOrDefault();
}
