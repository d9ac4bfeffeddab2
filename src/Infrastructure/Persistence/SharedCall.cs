using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Application;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>
/// A database call that several callers share (<see cref="Collector{TQuestion,TAnswer}"/>), with hand-written statements.
/// </summary>
internal static class SharedCall
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Runs a call on an open connection, with the retries of the execution strategy. Ends within 5 seconds.</summary>
    public static async Task<T> MakeAsync<T>(IServiceScopeFactory scopes, Func<RechargeDbContext, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RechargeDbContext>();
        return await db.Database.CreateExecutionStrategy().ExecuteAsync(async cancel =>
        {
            await db.Database.OpenConnectionAsync(cancel);
            try
            {
                return await call(db, cancel);
            }
            finally
            {
                await db.Database.CloseConnectionAsync();
            }
        }, limit.Token);
    }

    /// <summary>Creates a command on the call's connection.</summary>
    public static DbCommand Command(RechargeDbContext db, string statement)
    {
        var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = statement;
        return command;
    }

    /// <summary>Creates a command that ends with a list of texts, passed as parameters.</summary>
    public static DbCommand Command(RechargeDbContext db, string statement, IReadOnlyList<string> texts)
    {
        var command = Command(db, "");
        for (var i = 0; i < texts.Count; i++)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (string.Create(CultureInfo.InvariantCulture, $"@p{i}"), texts[i]);
            command.Parameters.Add(parameter);
        }
        command.CommandText = $"{statement} ({string.Join(", ", command.Parameters.Cast<DbParameter>().Select(p => p.ParameterName))})";
        return command;
    }
}
