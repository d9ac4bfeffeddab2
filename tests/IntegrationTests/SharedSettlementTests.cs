using System.Data;
using System.Net;
using Microsoft.EntityFrameworkCore;
using MySqlConnector;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Concurrent notices share transactions without affecting each other.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class SharedSettlementTests(DatabaseKind kind)
{
    private Shop _shop = null!;

    [SetUp]
    public async Task OpenAsync() => _shop = await Shop.OpenAsync(kind);

    [TearDown]
    public async Task AuditAndCloseAsync()
    {
        var (_, report) = await _shop.Server.AdminAsync(HttpMethod.Get, "audit");
        Assert.That((bool)report!["sound"]!, report.ToJsonString());
        await _shop.DisposeAsync();
    }

    [Test]
    public async Task Many_payments_at_once_are_each_fulfilled_once()
    {
        var placed = await BuyAsync(48);
        // Each notice twice: the second may share the transaction of the first.
        await AssertAcceptedAsync([.. placed, .. placed]);
        await AssertFulfilledAsync(placed);
        Assert.That(await _shop.NotificationsAsync(), Has.Count.EqualTo(placed.Count));
    }

    [Test]
    public async Task One_that_was_kept_before_does_not_spoil_the_others()
    {
        var placed = await BuyAsync(24);
        var number = placed[7].Number;
        await _shop.Server.WithDbAsync(db => db.Orders.Where(o => o.Number == number).ExecuteUpdateAsync(o => o.SetProperty(x => x.MerchantId, "another")));
        Assert.That((await _shop.Server.NotifyAsync(placed[7].Notice())).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        await _shop.Server.WithDbAsync(db => db.Orders.Where(o => o.Number == number)
            .ExecuteUpdateAsync(o => o.SetProperty(x => x.MerchantId, ScriptedGateway.Merchant).SetProperty(x => x.Attention, (string?)null)));

        await AssertAcceptedAsync(placed);
        await AssertFulfilledAsync(placed);
        Assert.That((await _shop.NotificationsAsync()).Select(n => n.QuarantineReason), Is.All.Null);
    }

    [Test]
    public async Task What_cannot_be_delivered_does_not_spoil_the_others()
    {
        await _shop.AddUserAsync("gone");
        var undeliverable = await _shop.BuyCreditsAsync(user: "gone");
        await _shop.Server.WithDbAsync(db => db.UserAccounts.Where(a => a.UserName == "gone").ExecuteDeleteAsync());
        await _shop.Server.WithDbAsync(db => db.LedgerEntries.Where(e => e.Uid != _shop.Uid).ExecuteDeleteAsync());
        var placed = await BuyAsync(24);

        await AssertAcceptedAsync([.. placed, undeliverable]);
        await AssertFulfilledAsync(placed);
        Assert.That((await _shop.OrderAsync(undeliverable.Number)).Status, Is.EqualTo(OrderStatus.NeedsAttention));
    }

    [Test]
    public async Task Nobody_waits_for_anothers_locked_order()
    {
        var placed = await BuyAsync(24);
        // SQLite has no row locks.
        var blocker = kind == DatabaseKind.MariaDb ? await LockAsync(placed[0]) : null;

        var locked = _shop.Server.NotifyAsync(placed[0].Notice());
        await AssertAcceptedAsync(placed[1..]);
        if (blocker is not null) await blocker.DisposeAsync();
        // It times out if the others take longer than it may wait: send it again.
        if ((await locked).Status != HttpStatusCode.OK) await AssertAcceptedAsync([placed[0]]);
        await AssertFulfilledAsync(placed);
    }

    /// <summary>Locks an order's row until the connection is closed.</summary>
    private async Task<MySqlConnection> LockAsync(Shop.Placed placed)
    {
        var blocker = new MySqlConnection(_shop.Database.ConnectionString);
        await blocker.OpenAsync();
        var held = await blocker.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        await using var command = new MySqlCommand($"SELECT Id FROM Orders WHERE Number = '{placed.Number}' FOR UPDATE", blocker, held);
        await command.ExecuteScalarAsync();
        return blocker;
    }

    /// <summary>Places orders of all kinds for several buyers, so that a buyer pays several orders concurrently.</summary>
    private async Task<List<Shop.Placed>> BuyAsync(int count)
    {
        var users = new[] { "buyer", "second", "third" };
        foreach (var user in users[1..]) await _shop.AddUserAsync(user);
        var placed = new List<Shop.Placed>();
        for (var i = 0; i < count; i++)
        {
            var user = users[i / 3 % users.Length];
            placed.Add(await ((i % 3) switch
            {
                0 => _shop.BuyCreditsAsync(user: user),
                1 => _shop.BuyCardTimeAsync(user: user),
                _ => _shop.BuyKamiAsync(user),
            }));
        }
        return placed;
    }

    private async Task AssertAcceptedAsync(IReadOnlyList<Shop.Placed> placed)
    {
        // Each on its own thread: SQLite runs on the caller's.
        var answers = await Task.WhenAll(placed.Select(p => Task.Run(() => _shop.Server.NotifyAsync(p.Notice()))));
        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.OK));
    }

    private async Task AssertFulfilledAsync(List<Shop.Placed> placed)
    {
        var numbers = placed.Select(p => p.Number).ToList();
        var orders = await _shop.Server.WithDbAsync(db => db.Orders.AsNoTracking().Where(o => numbers.Contains(o.Number)).ToListAsync());
        Assert.That(orders.Select(o => o.Status), Is.All.EqualTo(OrderStatus.Fulfilled));
        var credits = await _shop.Server.WithDbAsync(db => db.UserAccounts.SumAsync(a => a.Credits2));
        Assert.That(credits, Is.EqualTo(placed.Count / 3 * Shop.CreditRatio));
        Assert.That(await _shop.Server.WithDbAsync(db => db.Kamis.CountAsync()), Is.EqualTo(placed.Count / 3));
        var ledger = await _shop.LedgerAsync();
        Assert.That(ledger.Select(e => e.Key), Is.EquivalentTo(orders.Select(o => $"order:{o.Id}")));
    }
}
