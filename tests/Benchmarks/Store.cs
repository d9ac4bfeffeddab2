using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using MySqlConnector;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.Benchmarks;

/// <summary>Direct access to the database, to seed it and to verify what the servers did.</summary>
internal sealed class Store : IAsyncDisposable
{
    private readonly DbConnection _connection;

    private Store(Database database)
    {
        IsSqlite = database.Kind == DatabaseKind.Sqlite;
        _connection = IsSqlite ? new SqliteConnection(database.ConnectionString) : new MySqlConnection(database.ConnectionString + ";Default Command Timeout=1800");
    }

    public bool IsSqlite { get; }

    public static async Task<Store> OpenAsync(Database database)
    {
        var store = new Store(database);
        await store._connection.OpenAsync();
        return store;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Command(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A single number; 0 without a value.</summary>
    public async Task<long> NumberAsync(string sql)
    {
        await using var command = Command(sql);
        return await command.ExecuteScalarAsync() is { } value and not DBNull ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : 0;
    }

    public async Task<string> TextAsync(string sql)
    {
        await using var command = Command(sql);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The value of a MariaDB status variable.</summary>
    public async Task<long> StatusAsync(string name) =>
        await NumberAsync($"SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = '{name}'");

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private DbCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
