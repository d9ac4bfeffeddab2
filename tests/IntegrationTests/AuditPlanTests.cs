using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>The cost of an audit grows linearly with the tables, not quadratically.</summary>
[TestFixture]
internal sealed partial class AuditPlanTests
{
    [Test]
    public async Task No_table_is_read_whole_for_each_row_of_another()
    {
        await using var shop = await Shop.OpenAsync(DatabaseKind.Sqlite, null, ("Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command", "Information"));
        shop.Server.Log.Entries.Clear();
        await shop.Server.AdminAsync(HttpMethod.Get, "audit");
        var queries = shop.Server.Log.Entries.Select(e => Executed().Match(e.Text)).Where(m => m.Success)
            .Select(m => Parameters().Replace(m.Groups["sql"].Value, "100")).ToList();
        Assert.That(queries, Has.Count.AtLeast(15));

        await using var connection = new SqliteConnection(shop.Database.ConnectionString);
        await connection.OpenAsync();
        foreach (var query in queries)
        {
            var plan = new Dictionary<long, (long Parent, string Step)>();
            await using var command = new SqliteCommand("EXPLAIN QUERY PLAN " + query, connection);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) plan.Add(reader.GetInt64(0), (reader.GetInt64(1), reader.GetString(3)));
            Assert.That(plan.Values.Where(s => s.Step.StartsWith("SCAN", StringComparison.Ordinal) && IsRepeated(s.Parent)), Is.Empty, query);

            bool IsRepeated(long step) => plan.TryGetValue(step, out var above)
                && (above.Step.StartsWith("CORRELATED", StringComparison.Ordinal) || IsRepeated(above.Parent));
        }
    }

    [GeneratedRegex("Executed DbCommand [^\n]*\n(?<sql>[\\s\\S]*)")]
    private static partial Regex Executed();

    [GeneratedRegex("@\\w+")]
    private static partial Regex Parameters();
}
