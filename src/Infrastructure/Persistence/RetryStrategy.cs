using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using MySqlConnector;
using PayRecharge.Application;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>
/// What MariaDB is asked again for, a read or a whole unit of work: deadlocks, locks not granted in time, a node of a cluster that is
/// not ready, and connections that were lost before the commit. A unit whose commit may have happened is never repeated.
/// </summary>
internal sealed class RetryStrategy(ExecutionStrategyDependencies dependencies)
    // 1047: a node of a cluster that is not ready.
    : MySqlRetryingExecutionStrategy(dependencies, 4, TimeSpan.FromMilliseconds(400), [1047])
{
    protected override bool ShouldRetryOn(Exception exception)
    {
        var unknown = exception as CommitUnknownException;
        var lost = IsConnectionLost(unknown?.InnerException ?? exception);
        // The others in the pool went the same way, and nothing tests them before they are used.
        if (lost) MySqlConnection.ClearPool((MySqlConnection)Dependencies.CurrentContext.Context.Database.GetDbConnection());
        return unknown is null && (lost || base.ShouldRetryOn(exception));
    }

    private static bool IsConnectionLost(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is IOException or SocketException
                // What a server says that ends: a shutdown is in progress, the connection was killed.
                or MySqlException { Number: 1053 or 1927 })
                return true;
        }
        return false;
    }
}
