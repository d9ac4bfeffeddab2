using System.Data.Common;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using MySqlConnector;

namespace PayRecharge.Benchmarks;

/// <summary>A connection and its prepared commands.</summary>
internal sealed class Session(DbConnection connection)
{
    private readonly Dictionary<string, DbCommand> _commands = [];

    public Task<int> ExecuteAsync(string sql, params ReadOnlySpan<object> values) => Command(sql, prepare: true, values).ExecuteNonQueryAsync();

    public Task<DbDataReader> ReadAsync(string sql, params ReadOnlySpan<object> values) => Command(sql, prepare: true, values).ExecuteReaderAsync();

    /// <summary>Sends several statements as one text, in one round trip; prepared statements would take one each.</summary>
    public Task<DbDataReader> ReadTextAsync(string sql, params ReadOnlySpan<object> values) => Command(sql, prepare: false, values).ExecuteReaderAsync();

    private DbCommand Command(string sql, bool prepare, ReadOnlySpan<object> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < values.Length; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{i}");
                command.Parameters.Add(parameter);
            }
            _commands.Add(sql, command);
            if (prepare) command.Prepare();
        }
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return command;
    }
}

/// <summary>Open sessions: 64 on MariaDB, one on SQLite, which has one writer at a time anyway.</summary>
internal sealed class SessionPool
{
    private readonly Channel<Session> _free = Channel.CreateUnbounded<Session>();

    private SessionPool(bool isSqlite) => IsSqlite = isSqlite;

    public bool IsSqlite { get; }

    public static async Task<SessionPool> OpenAsync(string provider, string connectionString)
    {
        var pool = new SessionPool(provider == "Sqlite");
        for (var i = 0; i < (pool.IsSqlite ? 1 : 64); i++)
        {
            DbConnection connection = pool.IsSqlite ? new SqliteConnection(connectionString) : new MySqlConnection(connectionString + ";ConnectionReset=false");
            await connection.OpenAsync();
            var session = new Session(connection);
            // The product's isolation, set once per session.
            await session.ExecuteAsync(pool.IsSqlite ? "PRAGMA synchronous = FULL" : "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
            pool._free.Writer.TryWrite(session);
        }
        return pool;
    }

    /// <summary>Runs the work with a session of the pool.</summary>
    public async Task<T> UseAsync<T>(Func<Session, Task<T>> work)
    {
        var session = await _free.Reader.ReadAsync();
        try
        {
            return await work(session);
        }
        finally
        {
            _free.Writer.TryWrite(session);
        }
    }
}
