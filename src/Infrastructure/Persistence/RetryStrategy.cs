using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using MySqlConnector;
using PayRecharge.Application;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>
/// Repeats a read or a whole unit of work on MariaDB after a deadlock, a lock wait timeout, a cluster node that is not ready, or a
/// connection lost before the commit. A unit of work whose commit may have happened is never repeated.
/// </summary>
internal sealed class RetryStrategy(ExecutionStrategyDependencies dependencies)
    // 1047: the cluster node is not ready.
    : MySqlRetryingExecutionStrategy(dependencies, 4, TimeSpan.FromMilliseconds(400), [1047])
{
    protected override bool ShouldRetryOn(Exception exception)
    {
        var unknown = exception as CommitUnknownException;
        var lost = IsConnectionLost(unknown?.InnerException ?? exception);
        // The other connections in the pool are lost too, and nothing tests them before use.
        if (lost) MySqlConnection.ClearPool((MySqlConnection)Dependencies.CurrentContext.Context.Database.GetDbConnection());
        return unknown is null && (lost || base.ShouldRetryOn(exception));
    }

    private static bool IsConnectionLost(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is IOException or SocketException
                // Sent by a server that stops: shutdown in progress, connection killed.
                or MySqlException { Number: 1053 or 1927 })
                return true;
        }
        return false;
    }
}
