using Microsoft.EntityFrameworkCore;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>A server rehearses a payment before it listens, and leaves no rows behind.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class RehearsalTests(DatabaseKind kind)
{
    [Test]
    public async Task A_start_leaves_no_rows()
    {
        await using var shop = await Shop.OpenAsync(kind);
        await using (TestServer.Start(shop.Database, shop.Gateway.Address)) { }
        Assert.That(await shop.Server.WithDbAsync(db => db.UserAccounts.CountAsync()), Is.EqualTo(1));
        Assert.That(await shop.LedgerAsync(), Is.Empty);
        Assert.That(await shop.NotificationsAsync(), Is.Empty);
        Assert.That(await shop.Server.WithDbAsync(async db =>
            await db.Orders.CountAsync() + await db.OrderChecks.CountAsync() + await db.PendingChecks.CountAsync() + await db.Kamis.CountAsync()), Is.Zero);
    }

    [Test]
    public async Task It_stores_a_payment_and_takes_it_back_before_the_server_listens()
    {
        await using var shop = await Shop.OpenAsync(kind, null, ("Logging:LogLevel:Microsoft.EntityFrameworkCore.Database", "Debug"));
        var log = shop.Server.Log.Entries.Select(e => e.Text).ToList();
        var (paid, undone) = (log.FindIndex(t => t.Contains("INSERT INTO", StringComparison.Ordinal) && t.Contains("Notifications", StringComparison.Ordinal)),
            log.FindIndex(t => t.Contains("Rolled back transaction", StringComparison.Ordinal)));
        Assert.That(paid, Is.Not.Negative);
        Assert.That(undone, Is.GreaterThan(paid));
        Assert.That(log.FindIndex(t => t.Contains("listens at", StringComparison.Ordinal)), Is.GreaterThan(undone));
        Assert.That(log, Has.None.Contains("could not be rehearsed"));
    }
}
