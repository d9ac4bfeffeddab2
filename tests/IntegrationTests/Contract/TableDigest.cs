using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>A digest of all tables that shows the change of a single field.</summary>
internal static class TableDigest
{
    /// <summary>One line per table: its name, its row count, and the hash of all rows.</summary>
    public static Task<string> OfAsync(TestServer server) => server.WithDbAsync(async db =>
    {
        var tables = db.Model.GetEntityTypes().Select(t => t.GetTableName()!).Distinct().Order(StringComparer.Ordinal);
        await db.Database.OpenConnectionAsync();
        var lines = new List<string>();
        foreach (var table in tables) lines.Add(await OfTableAsync(db.Database.GetDbConnection(), table));
        await db.Database.CloseConnectionAsync();
        return string.Join('\n', lines);
    });

    private static async Task<string> OfTableAsync(DbConnection connection, string table)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The name comes from the model.
        command.CommandText = $"SELECT * FROM {table} ORDER BY 1";
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rows = 0;
        for (; await reader.ReadAsync(); rows++)
        {
            for (var field = 0; field < reader.FieldCount; field++)
                hash.AppendData(Encoding.UTF8.GetBytes($"{reader.GetName(field)}={Convert.ToString(reader.GetValue(field), CultureInfo.InvariantCulture)}\0"));
        }
        return $"{table} {rows} {Convert.ToHexString(hash.GetHashAndReset())}";
    }
}
