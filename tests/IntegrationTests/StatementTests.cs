using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>The statements that exactly-once rests on, as the database receives them: its other guards would hide that one is gone.</summary>
[TestFixture]
internal sealed class StatementTests
{
    [Test]
    public async Task A_payment_locks_its_order_and_account_and_updates_only_what_it_judged()
    {
        await using var database = await Database.CreateAsync(DatabaseKind.MariaDb);
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var server = TestServer.Start(database, gateway.Address, clock: null, ("Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command", "Information"));
        await server.SaveSettingsAsync(new
        {
            merchantId = ScriptedGateway.Merchant,
            merchantKey = ScriptedGateway.Key,
            notifyBaseUrl = "http://127.0.0.1:9",
            transportKey = "k",
            creditRatios = new[] { 1, 0, 0, 0, 0, 0, 0, 0 },
        });
        await server.AdminAsync(HttpMethod.Post, "users", new { userName = "buyer" });
        var placed = (await server.PluginAsync("&action=payjs_credit&credits=1&money=1&username=buyer&body=b&key=k"))["data"]!;
        server.Log.Entries.Clear();
        await server.NotifyAsync(ScriptedGateway.Notice((string)placed["out_trade_no"]!, (string)placed["payjs_order_id"]!, 100));

        var statements = server.Log.Entries.Select(e => e.Text).Where(t => t.Contains("Executed DbCommand", StringComparison.Ordinal)).ToList();
        var order = statements.FindIndex(s => s.Contains("FROM Orders WHERE Number = @p0 FOR UPDATE", StringComparison.Ordinal));
        var account = statements.FindIndex(s => s.Contains("FROM UserAccounts WHERE Uid = @p0 FOR UPDATE", StringComparison.Ordinal));
        Assert.That(order, Is.Not.Negative, string.Join('\n', statements));
        Assert.That(account, Is.GreaterThan(order), "every payment takes the two locks in the same order");
        Assert.That(statements, Has.Some.Matches("UPDATE `Orders` SET [\\s\\S]*WHERE `Id` = @p\\d+ AND `Status` = @p\\d+;"));
    }
}
