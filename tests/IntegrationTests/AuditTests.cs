using System.Net;
using Microsoft.EntityFrameworkCore;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>The audit finds nothing in a sound database, and finds every kind of damage.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class AuditTests(DatabaseKind kind)
{
    private Shop _shop = null!;

    [SetUp]
    public async Task TradeAsync()
    {
        _shop = await Shop.OpenAsync(kind);
        foreach (var placed in new[] { await _shop.BuyCreditsAsync("2"), await _shop.BuyCardTimeAsync(), await _shop.BuyKamiAsync(), await _shop.BuyCreditsAsync() })
            await _shop.Server.NotifyAsync(placed.Notice());
        var code = await _shop.Server.WithDbAsync(db => db.Kamis.Select(k => k.Code).SingleAsync());
        await _shop.Server.AdminAsync(HttpMethod.Post, $"users/{_shop.Uid}/redemptions", new { code });
        await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { addCredits = new[] { 7, -1, 0, 0, 0, 0, 0, 1 }, addDevices = 1 });
        await _shop.AddUserAsync("idle");
        await _shop.AddUserAsync("forever", permanent: true);
        await _shop.BuyCreditsAsync();
    }

    [TearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [Test]
    public async Task Where_all_is_well_it_says_so() => Assert.That(await AuditAsync(), Is.Empty);

    [TestCase("UPDATE UserAccounts SET Credits2 = Credits2 + 1 WHERE UserName = 'buyer'", "An account's Credits2 is what its ledger ends with.")]
    [TestCase("UPDATE UserAccounts SET CardTimeExpiry = 0 WHERE UserName = 'idle'", "An account's CardTime is what its ledger ends with.")]
    [TestCase("UPDATE UserAccounts SET Devices = 99 WHERE UserName = 'forever'", "An account's Devices is what its ledger ends with.")]
    [TestCase("UPDATE LedgerEntries SET Delta = Delta + 1 WHERE Kind = 2 AND Id = (SELECT Id FROM (SELECT MIN(Id) AS Id FROM LedgerEntries WHERE Kind = 2) AS x)", "An entry's delta is what lies between before and after.")]
    [TestCase("DELETE FROM LedgerEntries WHERE Id = (SELECT Id FROM (SELECT MIN(Id) AS Id FROM LedgerEntries WHERE Kind = 2) AS x)", "A fulfilled order has exactly one ledger entry.", "Within an account and kind, each entry begins where the one before ended, and the first at 0.")]
    [TestCase("UPDATE Orders SET Status = 3 WHERE Id = (SELECT Id FROM (SELECT MIN(Id) AS Id FROM Orders) AS x)", "A ledger entry of an order belongs to a fulfilled order and to its buyer.", "On each day, what was reported paid is what the paid orders cost.")]
    [TestCase("UPDATE Orders SET Status = 3 WHERE Purchase_Kind = 3", "A ledger entry of an order belongs to a fulfilled order and to its buyer.", "A kami belongs to a fulfilled order for one.", "On each day, what was reported paid is what the paid orders cost.")]
    [TestCase("DELETE FROM Kamis", "A fulfilled order for a kami has one.", "What a kami gave is in the ledger of the one who redeemed it.")]
    [TestCase("UPDATE Kamis SET RedeemedBy = RedeemedBy + 1", "What a kami gave is in the ledger of the one who redeemed it.")]
    [TestCase("DELETE FROM Notifications WHERE Id = (SELECT Id FROM (SELECT MIN(Id) AS Id FROM Notifications) AS x)", "A paid order has evidence: a message of the gateway that is not in quarantine.", "On each day, what was reported paid is what the paid orders cost.")]
    [TestCase("UPDATE Notifications SET QuarantineReason = 'x' WHERE Id = (SELECT Id FROM (SELECT MIN(Id) AS Id FROM Notifications) AS x)", "A paid order has evidence: a message of the gateway that is not in quarantine.", "On each day, what was reported paid is what the paid orders cost.")]
    [TestCase("UPDATE Orders SET Status = 2 WHERE Status = 1", "A fulfilled order has exactly one ledger entry.", "A paid order has evidence: a message of the gateway that is not in quarantine.")]
    [TestCase("UPDATE Orders SET AmountFen = AmountFen + 1 WHERE Purchase_Kind = 2", "A paid order has evidence: a message of the gateway that is not in quarantine.", "On each day, what was reported paid is what the paid orders cost.")]
    [TestCase("INSERT INTO LedgerEntries (Uid, `Key`, Kind, Delta, `Before`, `After`, At) SELECT Uid, 'refund:1', 11, 1, 0, 1, 0 FROM UserAccounts WHERE UserName = 'buyer'", "What was taken back belongs to a refunded order and to its buyer.")]
    [TestCase("UPDATE Kamis SET RedeemedBy = NULL, RedeemedAt = NULL, VoidedAt = 1", "The kami of a refunded order is void, unless it was redeemed before.", "What a kami gave is in the ledger of the one who redeemed it.")]
    [TestCase("DELETE FROM PendingChecks; UPDATE Orders SET Status = 4 WHERE Purchase_Kind = 3", "A ledger entry of an order belongs to a fulfilled order and to its buyer.", "A kami belongs to a fulfilled order for one.", "What is paid and could not be delivered is tried again.")]
    public async Task Damage_is_found_by_the_rule_it_breaks(string damage, params string[] rules)
    {
        Assert.That(await _shop.Server.WithDbAsync(db => db.Database.ExecuteSqlRawAsync(damage)), Is.Positive);
        Assert.That((await AuditAsync()).Distinct(), Is.EquivalentTo(rules));
    }

    [Test]
    public async Task A_balancer_is_told_whether_the_server_can_work()
    {
        foreach (var path in new[] { "/health/live", "/health/ready" })
            Assert.That((await _shop.Server.Http.GetAsync(path)).StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
        await _shop.Server.WithDbAsync(db => db.Database.ExecuteSqlRawAsync("DELETE FROM Settings"));
        Assert.That((await _shop.Server.Http.GetAsync("/health/live")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        // The answer is cached for up to a second.
        await Eventually.HoldsAsync(async () => (await _shop.Server.Http.GetAsync("/health/ready")).StatusCode == HttpStatusCode.ServiceUnavailable);
    }

    private async Task<List<string>> AuditAsync()
    {
        var (status, report) = await _shop.Server.AdminAsync(HttpMethod.Get, "audit");
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), report?.ToJsonString());
        var rules = report!["violations"]!.AsArray().Select(v => (string)v!["rule"]!).ToList();
        Assert.That((bool)report["sound"]!, Is.EqualTo(rules.Count == 0));
        return rules;
    }
}
