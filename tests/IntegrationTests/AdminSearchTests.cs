using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>An admin's search for orders, accounts and kamis.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed partial class AdminSearchTests(DatabaseKind kind)
{
    private Shop _shop = null!;

    private TestServer Server => _shop.Server;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        _shop = await Shop.OpenAsync(kind, null, ("Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command", "Information"));
        // Names around the prefix "al" in any case, one with a character beyond the first 65,536.
        foreach (var name in new[] { "Alice", "alfred", "AL", "al\U0001F600", "ak", "am", "\u7528\u6237" })
            await Server.AdminAsync(HttpMethod.Post, "users", new { userName = name, email = name == "Alice" ? "Alice@Example.com" : null });
    }

    [OneTimeTearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [Test]
    public async Task An_order_is_found_by_everything_it_is_known_by()
    {
        var open = await _shop.BuyCreditsAsync(user: "Alice");
        var paid = await _shop.BuyKamiAsync(user: "Alice");
        await Server.NotifyAsync(paid.Notice());
        await _shop.BuyCreditsAsync(user: "am");
        var (first, second) = (await _shop.OrderAsync(open.Number), await _shop.OrderAsync(paid.Number));

        foreach (var query in new[]
        {
            $"number={paid.Number}", $"gatewayOrderId={paid.GatewayOrderId}", $"transactionId={second.TransactionId}&uid={second.Uid}",
            "user=ALICE&status=Fulfilled", "user=alice%40example.COM&status=fulfilled", $"uid={second.Uid}&before={second.Id + 1}&status=2", $"uid={second.Uid}&attention=false&status=Fulfilled",
        })
        {
            Assert.That((await FindAsync("orders?" + query)).Select(o => (string?)o!["number"]), Is.EqualTo(new[] { paid.Number }), query);
        }
        Assert.That((await FindAsync("orders?user=alice")).Select(o => (string?)o!["number"]), Is.EqualTo(new[] { paid.Number, open.Number }), "newest first");
        Assert.That((await FindAsync($"orders?user=alice&before={second.Id}")).Select(o => (string?)o!["number"]), Is.EqualTo(new[] { open.Number }));
        foreach (var query in new[] { "user=nobody", $"user=am&uid={second.Uid}", $"number={paid.Number}&status=Pending", "number=0", "uid=424242" })
            Assert.That(await FindAsync("orders?" + query), Is.Empty, query);

        var kami = await Server.WithDbAsync(db => db.Kamis.Where(k => k.OrderId == second.Id).Select(k => k.Code).SingleAsync());
        var (_, one) = await Server.AdminAsync(HttpMethod.Get, $"orders/{second.Id}");
        Assert.That(((string?)one!["number"], (string?)one["userName"], (string?)one["kami"]), Is.EqualTo((paid.Number, "Alice", kami)));
        (_, one) = await Server.AdminAsync(HttpMethod.Get, $"orders/{first.Id}");
        Assert.That(((string?)one!["number"], (string?)one["userName"], (string?)one["kami"]), Is.EqualTo((open.Number, "Alice", (string?)null)));
        Assert.That((await Server.AdminAsync(HttpMethod.Get, "orders/424242")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Accounts_are_listed_page_by_page_and_found_by_name_and_mail()
    {
        async Task<string[]> NamesAsync(string query) => [.. (await FindAsync("users?" + query)).Select(u => (string)u!["userName"]!)];

        Assert.That(await NamesAsync("name=aL"), Is.EqualTo(new[] { "AL", "alfred", "Alice", "al\U0001F600" }));
        Assert.That(await NamesAsync("name=%E7%94%A8"), Is.EqualTo(new[] { "\u7528\u6237" }));
        Assert.That(await NamesAsync("email=alice@EXAMPLE.com"), Is.EqualTo(new[] { "Alice" }));
        Assert.That(await NamesAsync("email=alice@EXAMPLE.com&name=b"), Is.Empty);
        Assert.That(await NamesAsync("name=%25"), Is.Empty, "a wildcard of LIKE is a letter");
        var uids = (await FindAsync("users?after=0")).Select(u => (long)u!["uid"]!).ToList();
        Assert.That(uids, Is.Ordered.And.Count.AtLeast(8));
        Assert.That((await FindAsync($"users?after={uids[2]}")).Select(u => (long)u!["uid"]!), Is.EqualTo(uids.Skip(3)));
        var alfred = (long)(await FindAsync("users?name=alfred"))[0]!["uid"]!;
        Assert.That(await NamesAsync($"name=al&after={alfred}"), Is.EqualTo(new[] { "Alice", "al\U0001F600" }));
        Assert.That((await Server.AdminAsync(HttpMethod.Get, "users?name=al&after=424242")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_kami_tells_who_bought_and_who_redeemed_it_and_its_code_is_never_in_an_address()
    {
        var paid = await _shop.BuyKamiAsync(user: "ak");
        await Server.NotifyAsync(paid.Notice());
        var code = (string)(await _shop.CheckAsync(paid.GatewayOrderId))["kami"]!;
        var (_, kami) = await Server.AdminAsync(HttpMethod.Post, "kamis/search", new { code = code.ToLowerInvariant() });
        Assert.That(((string?)kami!["orderNumber"], (string?)kami["userName"], (long)kami["credits"]!, (long?)kami["redeemedBy"]), Is.EqualTo((paid.Number, "ak", 12000L, (long?)null)));

        await Server.AdminAsync(HttpMethod.Post, $"users/{_shop.Uid}/redemptions", new { code });
        (_, kami) = await Server.AdminAsync(HttpMethod.Post, "kamis/search", new { code });
        Assert.That(((long?)kami!["redeemedBy"], (string?)kami["redeemedByName"], kami["redeemedAt"] is null), Is.EqualTo((_shop.Uid, "buyer", false)));
        Assert.That((await Server.AdminAsync(HttpMethod.Post, "kamis/search", new { code = new string('0', 32) })).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await Server.AdminAsync(HttpMethod.Post, "kamis/search", new { code = "0" })).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [TestCase("orders?atention=true", "atention")]
    [TestCase("orders?before=abc", "Before")]
    [TestCase("orders?attention=2", "Attention")]
    [TestCase("orders?status=9", "Status")]
    [TestCase("orders?status=Paid", "Status")]
    [TestCase("orders?uid=1.5", "Uid")]
    [TestCase("orders?number=", "number")]
    [TestCase("orders?uid=1&uid=2", "uid")]
    [TestCase("orders/1?x=1", "x")]
    [TestCase("users?username=a", "username")]
    [TestCase("users?after=-", "After")]
    [TestCase("users/1?name=a", "name")]
    [TestCase("notifications?quarantine=true", "quarantine")]
    [TestCase("notifications?before=99999999999999999999", "before")]
    [TestCase("settings?a=", "a")]
    [TestCase("card-rules?id=1", "id")]
    [TestCase("audit/nightly?take=1", "take")]
    public async Task A_filter_that_is_not_understood_is_refused_by_name(string path, string named)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/admin/" + path);
        request.Headers.Authorization = new("Bearer", TestServer.AdminKey);
        using var response = await Server.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((response.StatusCode, response.Content.Headers.ContentType?.MediaType), Is.EqualTo((HttpStatusCode.BadRequest, "application/problem+json")), text);
        Assert.That(JsonNode.Parse(text)!["errors"]![named], Is.Not.Null, text);
    }

    [Test]
    public async Task A_filter_on_a_call_that_changes_something_is_refused_and_nothing_is_changed()
    {
        Assert.That((await Server.AdminAsync(HttpMethod.Delete, "card-rules/9?dryRun=true")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await FindAsync("card-rules")), Has.Count.EqualTo(1));
    }

    // With so few rows MariaDB may scan a whole table, so its plan must only name the index; SQLite always uses the same plan.
    [TestCase("orders?number=1", "Orders", "IX_Orders_Number")]
    [TestCase("orders?gatewayOrderId=1", "Orders", "IX_Orders_GatewayOrderId_Gateway")]
    [TestCase("orders?transactionId=x&before=999999", "Orders", "IX_Orders_TransactionId")]
    [TestCase("orders?uid=1&before=999999", "Orders", "IX_Orders_Uid_Status_CreatedAt_Id")]
    [TestCase("users?name=al", "UserAccounts", "IX_UserAccounts_UserNameKey")]
    [TestCase("users?email=a@b.c", "UserAccounts", "IX_UserAccounts_EmailKey")]
    public async Task What_is_looked_up_is_found_by_its_index(string path, string table, string index)
    {
        Server.Log.Entries.Clear();
        await FindAsync(path);
        var quote = kind == DatabaseKind.Sqlite ? '"' : '`';
        var statement = Server.Log.Entries.Select(e => Executed().Match(e.Text)).Where(m => m.Success)
            .First(m => m.Groups["sql"].Value.Contains($"FROM {quote}{table}{quote}", StringComparison.Ordinal));
        // The values are not logged; any values do: the plan depends on the shape.
        var sql = Parameters().Replace(statement.Groups["sql"].Value, m => m.Value.Contains("before", StringComparison.Ordinal) || m.Value.Contains("__p_", StringComparison.Ordinal) ? "100" : m.Value.Contains("end", StringComparison.Ordinal) ? "'am'" : "'al'");
        var plan = await Server.WithDbAsync(async db =>
        {
            await db.Database.OpenConnectionAsync();
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = (kind == DatabaseKind.Sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ") + sql;
            await using var reader = await command.ExecuteReaderAsync();
            var steps = new List<string>();
            while (await reader.ReadAsync()) steps.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i))));
            return steps;
        });
        // MariaDB finds while planning that a unique key has no row.
        Assert.That(plan, Has.Some.Contains(index).Or.Some.Contains("Impossible WHERE noticed after reading const tables"), sql);
        if (kind == DatabaseKind.Sqlite) Assert.That(plan, Has.None.StartsWith("SCAN"), sql);
    }

    private async Task<JsonArray> FindAsync(string path)
    {
        var (status, body) = await Server.AdminAsync(HttpMethod.Get, path);
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), body?.ToJsonString());
        return body!.AsArray();
    }

    [GeneratedRegex("Executed DbCommand [^\n]*\n(?<sql>[\\s\\S]*)")]
    private static partial Regex Executed();

    [GeneratedRegex("@\\w+")]
    private static partial Regex Parameters();
}
