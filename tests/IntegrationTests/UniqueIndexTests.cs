using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Domain.Accounts;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>The database itself rejects duplicates, whatever the code does.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class UniqueIndexTests(DatabaseKind kind)
{
    private Shop _shop = null!;

    [OneTimeSetUp]
    public async Task TradeAsync()
    {
        _shop = await Shop.OpenAsync(kind);
        foreach (var placed in new[] { await _shop.BuyKamiAsync(), await _shop.BuyKamiAsync() }) await _shop.Server.NotifyAsync(placed.Notice());
        await _shop.Server.AdminAsync(HttpMethod.Post, "users", new { userName = "a", email = "a@example.com" });
        await _shop.Server.AdminAsync(HttpMethod.Post, "users", new { userName = "b", email = "b@example.com" });
        await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { addDevices = 1 });
        foreach (var _ in new[] { 1, 2 }) await _shop.Server.AdminAsync(HttpMethod.Post, $"users/{_shop.Uid}/tokens", new { });
        await _shop.Server.WithDbAsync(db =>
        {
            db.AccountTokens.Add(AccountToken.For(_shop.Uid, "another", null));
            return db.SaveChangesAsync();
        });
    }

    [OneTimeTearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [TestCase("Orders", "Number")]
    [TestCase("Orders", "GatewayOrderId", "Gateway")]
    [TestCase("Kamis", "Code")]
    [TestCase("Kamis", "OrderId")]
    [TestCase("LedgerEntries", "Key", "Kind")]
    [TestCase("Notifications", "ContentHash", "Gateway")]
    [TestCase("AccountTokens", "Hash")]
    [TestCase("UserAccounts", "UserNameKey")]
    [TestCase("UserAccounts", "EmailKey")]
    public async Task A_double_is_refused(string table, params string[] columns)
    {
        await using var scope = _shop.Server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<Infrastructure.Persistence.RechargeDbContext>();
        var quote = kind == DatabaseKind.Sqlite ? '"' : '`';
        // Copies the values of the row before the newest into the newest.
        var key = table == "UserAccounts" ? "Uid" : "Id";
        var set = string.Join(", ", columns.Select(c => $"{quote}{c}{quote} = (SELECT x.{quote}{c}{quote} FROM (SELECT * FROM {table} ORDER BY {key} DESC LIMIT 1 OFFSET 1) AS x)"));
        var statement = $"UPDATE {table} SET {set} WHERE {key} = (SELECT y.{key} FROM (SELECT MAX({key}) AS {key} FROM {table}) AS y)";
        Assert.That(async () => await db.Database.ExecuteSqlRawAsync(statement), Throws.InstanceOf<System.Data.Common.DbException>().With.Message.Match("(?i)unique|duplicate"));
    }
}
