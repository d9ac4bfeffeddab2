using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Domain.Accounts;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>Concurrent lists of paid orders share calls to the database.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class PaidListTests(DatabaseKind kind) : PluginFixture(kind)
{
    [Test]
    public async Task Who_lists_among_many_is_told_of_their_own_orders_newest_first_and_of_no_others()
    {
        // Three batches, exactly one batch, one row less; and some short lists.
        var users = new List<(long Uid, string Token, Paid[] Orders)>();
        foreach (var size in new[] { 1203, 500, 499, 20, 3, 1, 0 })
        {
            var uid = await AddUserAsync(new { userName = $"lists{size}" });
            users.Add((uid, await IssueTokenAsync(uid), [.. Enumerable.Range(0, size).Select(i => new Paid(1000 + (10 * i) + users.Count, uid))]));
        }
        await AddOrdersAsync(users.SelectMany(u => u.Orders));
        var disabled = users[^3];
        await Server.AdminAsync(HttpMethod.Patch, $"users/{disabled.Uid}", new { enabled = false });
        await Server.WithDbAsync(db =>
        {
            db.AccountTokens.Add(AccountToken.For(uid: 999_999, "of_nobody", expiresAt: null));
            return db.SaveChangesAsync();
        });

        var questions = new List<(Call Call, string Expected)>();
        foreach (var (_, token, orders) in users.Where(u => u != disabled))
        {
            var (call, newestFirst) = (Call.Paid.With("token", token), orders.OrderByDescending(o => o.Time).ThenByDescending(o => o.Id).ToList());
            questions.Add((call, Told(newestFirst)));
            questions.Add((call.With("page", "1"), Told([.. newestFirst.Take(20)])));
            questions.Add((call.With("page", "3").With("perpage", "200"), Told([.. newestFirst.Skip(400).Take(200)])));
            questions.Add((call.With("perpage", "201"), "error0127"));
        }
        questions.Add((Call.Paid.With("token", disabled.Token), "error00114"));
        questions.Add((Call.Paid.With("token", disabled.Token).With("page", "0"), "error00114"));
        questions.Add((Call.Paid.With("token", "of_nobody").With("page", "0"), "error05"));
        questions.Add((Call.Paid.With("token", "unknown"), "error05"));

        // Every query is sent several times, mixed with the others.
        var asked = Enumerable.Range(0, 12).SelectMany(_ => questions).ToList();
        var told = await Task.WhenAll(asked.Select(async q => Told(await Server.PluginAsync(q.Call.ToString()))));
        foreach (var (question, answer) in asked.Zip(told)) Assert.That(answer, Is.EqualTo(question.Expected), question.Call.ToString());
    }

    private static string Told(IReadOnlyCollection<Paid> orders) =>
        $"{orders.Count}: {string.Join(' ', orders.Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Id}/{o.Uid}/{o.Checks}")))}";

    private static string Told(JsonNode reply) => (string)reply["result"]! is var result and not "OK" ? result
        : $"{reply["count"]}: {string.Join(' ', reply["data"]!.AsArray().Select(row => $"{row!["id"]}/{row["uid"]}/{row["nums"]}"))}";

    // Adds a second, refunded order for each.
    private Task<int> AddOrdersAsync(IEnumerable<Paid> paid)
    {
        var orders = paid.SelectMany(o => new[] { (Order: o, Status: 2), (Order: o with { Id = 1_000_000 + o.Id }, Status: 5) }).ToList();
        var rows = orders.Select(o => $"({o.Order.Id}, '{o.Order.Id}', '1600000001', 1, {o.Order.Uid}, 100, 'doby', '', 0, {o.Status}, 'G{o.Order.Id}', {o.Order.Time}, {o.Order.Time}, {o.Order.Time}, 0, 2, 0, 0, 0, 60, 0, 0)");
        var sql = "INSERT INTO Orders (Id, Number, MerchantId, Mode, Uid, AmountFen, Title, Attach, Channel, Status, GatewayOrderId, CreatedAt, PaidAt, FulfilledAt, PaidLate, "
            + "Purchase_Kind, Purchase_CreditType, Purchase_Credits, Purchase_TradeCredits, Purchase_Seconds, Purchase_Devices, Purchase_CardRuleId) VALUES " + string.Join(',', rows)
            + "; INSERT INTO OrderChecks (OrderId, Count) VALUES " + string.Join(',', orders.Select(o => $"({o.Order.Id}, {o.Order.Checks})"));
        return Server.WithDbAsync(db => db.Database.ExecuteSqlRawAsync(sql));
    }

    /// <summary>Several orders share a creation time, and orders with a higher id are older.</summary>
    private sealed record Paid(long Id, long Uid)
    {
        public long Time => 1_620_383_241_000 - (Id / 40 * 1000);

        public long Checks => Id % 89;
    }
}
