using System.Data.Common;
using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using MySqlConnector;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>A notice has two seconds. If the database takes longer, the server asks for a retry (503) and logs one warning.</summary>
[TestFixture]
internal sealed class NotifyTimeTests
{
    [TestCase(DatabaseKind.Sqlite, "BEGIN IMMEDIATE", "ROLLBACK")]
    [TestCase(DatabaseKind.MariaDb, "START TRANSACTION; SELECT Id FROM Orders FOR UPDATE", "ROLLBACK", TestName = "One_whose_order_is_locked")]
    [TestCase(DatabaseKind.MariaDb, "START TRANSACTION; SELECT Uid FROM UserAccounts FOR UPDATE", "ROLLBACK", TestName = "One_whose_buyer_is_locked")]
    [TestCase(DatabaseKind.MariaDb, "LOCK TABLES Orders WRITE", "UNLOCK TABLES", TestName = "One_that_shares_a_transaction")]
    [TestCase(DatabaseKind.MariaDb, "LOCK TABLES Notifications WRITE", "UNLOCK TABLES", TestName = "One_that_is_being_written")]
    [TestCase(DatabaseKind.MariaDb, "LOCK TABLES Settings WRITE", "UNLOCK TABLES", TestName = "One_that_waits_for_the_settings")]
    public async Task One_that_waits_for_the_file(DatabaseKind kind, string hold, string release)
    {
        await using var shop = await Shop.OpenAsync(kind, null, ("Payjs:ChecksPerSecond", "0"));
        var placed = await shop.BuyCreditsAsync();
        await using DbConnection other = kind == DatabaseKind.Sqlite ? new SqliteConnection(shop.Database.ConnectionString) : new MySqlConnection(shop.Database.ConnectionString);
        await other.OpenAsync();
        await RunAsync(hold);
        shop.Server.Log.Entries.Clear();
        var answer = await shop.Server.NotifyOnceAsync(placed.Notice());
        // The settings are cached for a while.
        while (hold.Contains("Settings", StringComparison.Ordinal) && answer.Status == HttpStatusCode.OK) answer = await shop.Server.NotifyOnceAsync(placed.Notice());
        Assert.That(answer, Is.EqualTo((HttpStatusCode.ServiceUnavailable, "fail")));

        var line = shop.Server.Log.Entries.Single(e => e.Level >= LogLevel.Warning);
        Assert.That((line.Level, line.Exception), Is.EqualTo((LogLevel.Warning, (Exception?)null)));
        Assert.That(line.Text, Does.StartWith("PayRecharge.WebApi.CallLog: A notification was not settled within 2 s").And.Not.Contains('\n'));
        await RunAsync(release);
        Assert.That((await shop.Server.NotifyAsync(placed.Notice())).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await shop.OrderAsync(placed.Number)).Status, Is.EqualTo(OrderStatus.Fulfilled));
        Assert.That((await shop.AccountAsync()).Credits2, Is.EqualTo(Shop.CreditRatio));

        async Task RunAsync(string sql)
        {
            await using var command = other.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteScalarAsync();
        }
    }
}
