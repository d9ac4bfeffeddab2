using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Domain.Accounts;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>The admin API over HTTP.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class AdminApiTests(DatabaseKind kind)
{
    private Shop _shop = null!;

    private TestServer Server => _shop.Server;

    [SetUp]
    public async Task OpenAsync() => _shop = await Shop.OpenAsync(kind);

    [TearDown]
    public async Task CloseAsync() => await _shop.DisposeAsync();

    [TestCase("settings")]
    [TestCase("card-rules")]
    [TestCase("users/1")]
    [TestCase("orders")]
    [TestCase("notifications")]
    [TestCase("orders/1")]
    [TestCase("users")]
    public async Task Nobody_gets_in_without_the_key(string path)
    {
        foreach (var key in new[] { null, "", "wrong", TestServer.AdminKey + "x" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/admin/" + path);
            if (key is not null) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
            using var response = await Server.Http.SendAsync(request);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        }
    }

    [Test]
    public async Task Secrets_can_be_set_and_never_read_back()
    {
        await Server.SaveSettingsAsync(new { merchantKey = "VerySecretKey001", transportKey = "very-secret-transport" });
        var (_, settings) = await Server.AdminAsync(HttpMethod.Get, "settings");
        Assert.That(settings!.ToJsonString(), Does.Not.Contain("VerySecret").And.Not.Contain("very-secret").And.Not.Contain(ScriptedGateway.Key));
        Assert.That(((bool)settings["merchantKeySet"]!, (bool)settings["transportKeySet"]!), Is.EqualTo((true, true)));
    }

    [TestCase("{\"merchantId\":\"\"}", "merchantId")]
    [TestCase("{\"merchantKey\":\"\"}", "merchantKey")]
    [TestCase("{\"merchantId\":\"1700000001\"}", "merchantKey")]
    [TestCase("{\"transportKey\":\"\"}", "transportKey")]
    [TestCase("{\"transportKey\":\"0\"}", "transportKey")]
    [TestCase("{\"transportKey\":\"abc\\n\"}", "transportKey")]
    [TestCase("{\"merchantKey\":\"abc\\n\"}", "merchantKey")]
    [TestCase("{\"transportKey\":\"12345\"}", "transportKey")]
    [TestCase("{\"transportKey\":\"123 456\"}", "transportKey")]
    [TestCase("{\"merchantKey\":\"1234567\"}", "merchantKey")]
    [TestCase("{\"merchantId\":\"商户\"}", "merchantId")]
    [TestCase("{\"closedActions\":[\"payjs_credit\",\"payjs_credits\"]}", "closedActions[1]")]
    [TestCase("{\"closedActions\":[null]}", "closedActions[0]")]
    [TestCase("{\"charset\":7}", "charset")]
    [TestCase("{\"minimumFen\":500,\"maximumFen\":499}", "minimumFen")]
    [TestCase("{\"notifyBaseUrl\":\"ftp://x\"}", "notifyBaseUrl")]
    [TestCase("{\"notifyBaseUrl\":\"https://x/?a=1\"}", "notifyBaseUrl")]
    [TestCase("{\"notifyBaseUrl\":\"https://x/#a\"}", "notifyBaseUrl")]
    [TestCase("{\"notifyBaseUrl\":\"https://x/?\"}", "notifyBaseUrl")]
    [TestCase("{\"notifyBaseUrl\":\"https://user@x/\"}", "notifyBaseUrl")]
    [TestCase("{\"notifyBaseUrl\":\"pay.example.com\"}", "notifyBaseUrl")]
    [TestCase("{\"notifyBaseUrl\":\"https://a b/\"}", "notifyBaseUrl")]
    [TestCase("{\"notifyBaseUrl\":\"https://\"}", "notifyBaseUrl")]
    [TestCase("{\"creditRatios\":[1,2]}", "creditRatios")]
    [TestCase("{\"creditRatios\":[0,0,0,0,0,0,0,-1]}", "creditRatios[7]")]
    [TestCase("{\"timeRatio\":1.00001}", "timeRatio")]
    [TestCase("{\"softCreditType\":9}", "softCreditType")]
    [TestCase("{\"minimumFen\":0}", "minimumFen")]
    [TestCase("{\"maximumFen\":1000001}", "maximumFen")]
    [TestCase("{\"barredAddresses\":[\"here\"]}", "barredAddresses[0]")]
    [TestCase("{\"barredAddresses\":[\"10\"]}", "barredAddresses[0]")]
    [TestCase("{\"barredAddresses\":[null]}", "barredAddresses[0]")]
    [TestCase("{\"timeZone\":\"Mars/Phobos\"}", "timeZone")]
    [TestCase("{\"charset\":\"Big5\"}", null)]
    [TestCase("{\"merchantID\":1}", null)]
    [TestCase("{\"unknown\":1}", null)]
    [TestCase("[]", null)]
    [TestCase("", null)]
    public async Task A_change_that_makes_no_sense_is_refused_whole(string json, string? field)
    {
        var before = (await Server.AdminAsync(HttpMethod.Get, "settings")).Body!.ToJsonString();
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/admin/settings") { Content = new StringContent(json, null, "application/json") };
        request.Headers.Authorization = new("Bearer", TestServer.AdminKey);
        using var response = await Server.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((response.StatusCode, response.Content.Headers.ContentType?.MediaType), Is.EqualTo((HttpStatusCode.BadRequest, "application/problem+json")), text);
        if (field is not null)
        {
            Assert.That(JsonNode.Parse(text)!["errors"]![field], Is.Not.Null, text);
            // An English sentence for every input.
            Assert.That((string)JsonNode.Parse(text)!["errors"]![field]![0]!, Does.Match("^[\\x20-\\x7E]{10,}\\.\\z"));
        }
        Assert.That((await Server.AdminAsync(HttpMethod.Get, "settings")).Body!.ToJsonString(), Is.EqualTo(before));
    }

    [TestCase(" https://pay.example.com\t", "https://pay.example.com")]
    [TestCase("https://pay.example.com//", "https://pay.example.com")]
    [TestCase("HTTPS://Pay.Example.COM:443/Shop/", "https://pay.example.com/Shop")]
    [TestCase("https://pay.example.com/payjs/notify", "https://pay.example.com")]
    [TestCase("https://pay.example.com:8443/shop/payjs/notify/ ", "https://pay.example.com:8443/shop")]
    [TestCase("https://支付.中国/商店", "https://xn--bnq875c.xn--fiqs8s/%E5%95%86%E5%BA%97")]
    [TestCase("http://[::1]:8080", "http://[::1]:8080")]
    [TestCase("  ", null)]
    public async Task An_address_is_stored_as_the_gateway_is_told_it(string written, string? stored)
    {
        await Server.SaveSettingsAsync(new { notifyBaseUrl = written });
        Assert.That((string?)(await Server.AdminAsync(HttpMethod.Get, "settings")).Body!["notifyBaseUrl"], Is.EqualTo(stored));
        if (stored is null) return;
        await _shop.BuyCreditsAsync();
        Assert.That(_shop.Gateway.Requests.Last().Form["notify_url"], Is.EqualTo(stored + "/payjs/notify"));
        await Server.SaveSettingsAsync(new { notifyBaseUrl = stored });
        Assert.That((string?)(await Server.AdminAsync(HttpMethod.Get, "settings")).Body!["notifyBaseUrl"], Is.EqualTo(stored), "read and sent back");
    }

    [Test]
    public async Task Every_action_can_be_closed_and_its_name_is_told_where_another_is_not_known()
    {
        string[] actions = ["payjs_credit", "payjs_cardtime", "payjs_kamis", "payjs_kamis_list", "payjs_check", "payjs_check_id"];
        await Server.SaveSettingsAsync(new { closedActions = actions.Append("payjs_check") });
        Assert.That((await Server.AdminAsync(HttpMethod.Get, "settings")).Body!["closedActions"]!.AsArray().Select(a => (string)a!), Is.EqualTo(actions));
        var (status, body) = await Server.AdminAsync(HttpMethod.Put, "settings", new { closedActions = new[] { "payjs_chek" } });
        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        foreach (var action in actions) Assert.That(body!.ToJsonString(), Does.Contain(action));
    }

    [Test]
    public async Task A_thousand_addresses_can_be_barred_and_no_more()
    {
        var addresses = Enumerable.Range(0, 1001).Select(i => $"10.0.{i / 256}.{i % 256}").ToList();
        Assert.That((await Server.AdminAsync(HttpMethod.Put, "settings", new { barredAddresses = addresses })).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        await Server.SaveSettingsAsync(new { barredAddresses = addresses.Take(1000) });
    }

    [TestCase("priceFen", 0)]
    [TestCase("priceFen", 1_000_001)]
    [TestCase("credits", -1)]
    [TestCase("tradeCredits", 2_147_483_648)]
    [TestCase("seconds", -1)]
    [TestCase("devices", -1)]
    public async Task A_card_rule_out_of_range_is_refused_with_a_sentence(string field, long value)
    {
        var offer = new JsonObject { ["priceFen"] = 1, ["credits"] = 1, ["tradeCredits"] = 0, ["seconds"] = 0, ["devices"] = 0 };
        offer[field] = value;
        var (status, body) = await Server.AdminAsync(HttpMethod.Put, "card-rules/1", offer);
        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((string)body!["errors"]![field]![0]!, Does.Match("^'[A-Z][A-Za-z ]+' must be between \\d+ and \\d+\\."));
    }

    [Test]
    public async Task A_change_shows_at_once_and_one_based_on_an_old_version_is_refused()
    {
        var version = (long)(await Server.AdminAsync(HttpMethod.Get, "settings")).Body!["version"]!;
        await Server.SaveSettingsAsync(new { version, pluginEnabled = false });
        Assert.That((string?)(await Server.PluginAsync($"&action=payjs_kamis_list&key={Shop.TransportKey}"))["result"], Is.EqualTo("error01"));
        Assert.That((await Server.AdminAsync(HttpMethod.Put, "settings", new { version, pluginEnabled = true })).Status, Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public async Task A_change_reaches_another_server_without_a_restart()
    {
        await using var other = TestServer.Start(_shop.Database, _shop.Gateway.Address);
        Assert.That((string?)(await other.PluginAsync($"&action=payjs_kamis_list&key={Shop.TransportKey}"))["result"], Is.EqualTo("OK"));
        await Server.SaveSettingsAsync(new { transportKey = "another-key" });
        await Eventually.HoldsAsync(async () => (string?)(await other.PluginAsync("&action=payjs_kamis_list&key=another-key"))["result"] == "OK");
    }

    [Test]
    public async Task A_change_is_based_on_what_stands_and_not_on_what_this_server_remembers()
    {
        await using var other = TestServer.Start(_shop.Database, _shop.Gateway.Address);
        // Now it caches the settings for some seconds.
        await other.AdminAsync(HttpMethod.Get, "settings");
        await Server.SaveSettingsAsync(new { merchantId = "1700000001", merchantKey = "AnotherKey000001" });
        var version = (long)(await Server.AdminAsync(HttpMethod.Get, "settings")).Body!["version"]!;
        await other.SaveSettingsAsync(new { version, timeRatio = 7200 });
        var (_, settings) = await Server.AdminAsync(HttpMethod.Get, "settings");
        await Eventually.HoldsAsync(async () => (decimal)(await Server.AdminAsync(HttpMethod.Get, "settings")).Body!["timeRatio"]! == 7200);
        Assert.That((string?)settings!["merchantId"], Is.EqualTo("1700000001"));
        Assert.That((string?)(await other.AdminAsync(HttpMethod.Get, "settings")).Body!["merchantId"], Is.EqualTo("1700000001"));
    }

    [Test]
    public async Task What_needs_attention_can_be_found_and_says_what_was_bought()
    {
        await _shop.BuyCreditsAsync();
        var kami = await _shop.BuyKamiAsync();
        await Server.NotifyAsync(ScriptedGateway.Notice(kami.Number, kami.GatewayOrderId, kami.Fen + 1));
        var (_, found) = await Server.AdminAsync(HttpMethod.Get, "orders?attention=true");
        Assert.That(found!.AsArray(), Has.Count.EqualTo(1));
        Assert.That(((string?)found[0]!["number"], (string?)found[0]!["attention"], (long)found[0]!["purchaseCredits"]!, (long)found[0]!["purchaseCardRuleId"]!),
            Is.EqualTo((kami.Number, "quarantined notification: another amount", 12000L, 9L)));
    }

    [Test]
    public async Task Card_rules_come_change_and_go()
    {
        var offer = new { priceFen = 1250, credits = 1, tradeCredits = 2, seconds = 3, devices = 4 };
        Assert.That((await Server.AdminAsync(HttpMethod.Put, "card-rules/7", offer)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await Server.PluginTextAsync($"&action=payjs_kamis_list&key={Shop.TransportKey}")),
            Does.Contain("""{"7":{"price":"12.5","credits":"1","jiaoyi":"2","times":"3","inttoken":"4"},"9":"""));
        await Server.AdminAsync(HttpMethod.Put, "card-rules/7", offer with { priceFen = 100 });
        Assert.That((await Server.PluginTextAsync($"&action=payjs_kamis_list&key={Shop.TransportKey}")), Does.Contain("""{"7":{"price":"1","""));
        Assert.That((await Server.AdminAsync(HttpMethod.Put, "card-rules/7", offer with { priceFen = 0 })).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await Server.AdminAsync(HttpMethod.Put, "card-rules/0", offer)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        foreach (var id in new[] { 7, 9 })
            Assert.That((await Server.AdminAsync(HttpMethod.Delete, $"card-rules/{id}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await Server.AdminAsync(HttpMethod.Delete, "card-rules/7")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await Server.PluginTextAsync($"&action=payjs_kamis_list&key={Shop.TransportKey}")), Does.Contain("\"count\":0,\"data\":[]"));
    }

    [Test]
    public async Task Names_and_mails_are_unique_case_aside()
    {
        var (status, _) = await Server.AdminAsync(HttpMethod.Post, "users", new { userName = "Ünï_用户", email = "A@Example.com" });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await Server.AdminAsync(HttpMethod.Post, "users", new { userName = "üNÏ_用户" })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await Server.AdminAsync(HttpMethod.Post, "users", new { userName = "x", email = "a@EXAMPLE.com" })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await Server.AdminAsync(HttpMethod.Post, "users", new { userName = "une_用户" })).Status, Is.EqualTo(HttpStatusCode.Created), "accents make another name");
        Assert.That((await Server.AdminAsync(HttpMethod.Post, "users", new { userName = " " })).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        await _shop.BuyCreditsAsync(user: "ÜNÏ_用户");
    }

    [TestCase("0", null)]
    [TestCase("alice\u3000", null)]
    [TestCase("\u00A0alice", null)]
    [TestCase(" alice", null)]
    [TestCase("ali\0ce", null)]
    [TestCase("ali\u0085ce", null)]
    [TestCase("carol", "carol@example.com\u3000")]
    [TestCase("carol", "ca\0rol@example.com")]
    public async Task A_name_that_no_client_could_send_is_refused(string userName, string? email)
    {
        Assert.That((await Server.AdminAsync(HttpMethod.Post, "users", new { userName, email })).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await Server.WithDbAsync(db => db.UserAccounts.CountAsync()), Is.EqualTo(1));
    }

    [TestCase("0.0")]
    [TestCase("a\u3000b")]
    [TestCase("00")]
    public async Task A_name_that_is_taken_is_found_as_it_was_written(string userName)
    {
        Assert.That((await Server.AdminAsync(HttpMethod.Post, "users", new { userName })).Status, Is.EqualTo(HttpStatusCode.Created));
        await _shop.BuyCreditsAsync(user: Uri.EscapeDataString(userName));
    }

    [TestCase("::ffff:127.0.0.1", "127.0.0.1")]
    [TestCase("::ffff:127.0.0.0/120", "127.0.0.0/24")]
    [TestCase("127.0.0.0/8", "127.0.0.0/8")]
    [TestCase("2001:DB8::/32", "2001:db8::/32")]
    [TestCase("::ffff:203.0.113.7", "203.0.113.7")]
    public async Task A_barred_address_counts_however_it_is_written(string written, string stored)
    {
        await Server.SaveSettingsAsync(new { barredAddresses = new[] { written } });
        var barred = (string?)(await Server.AdminAsync(HttpMethod.Get, "settings")).Body!["barredAddresses"]![0];
        Assert.That(barred, Is.EqualTo(stored));
        var expected = stored.StartsWith("127.", StringComparison.Ordinal) ? "error0112" : "OK";
        Assert.That((string?)(await Server.PluginAsync($"&action=payjs_kamis_list&key={Shop.TransportKey}"))["result"], Is.EqualTo(expected));
    }

    [TestCase("application/json; charset=utf-16", "utf-16", HttpStatusCode.UnsupportedMediaType)]
    [TestCase("application/json; charset=utf-16", "broken", HttpStatusCode.UnsupportedMediaType)]
    [TestCase("application/json; charset=gbk", "utf-8", HttpStatusCode.UnsupportedMediaType)]
    [TestCase("application/json; charset=nonsense", "utf-8", HttpStatusCode.UnsupportedMediaType)]
    [TestCase("text/plain", "utf-8", HttpStatusCode.UnsupportedMediaType)]
    [TestCase("application/json", "utf-16", HttpStatusCode.BadRequest)]
    [TestCase("application/json", "broken", HttpStatusCode.BadRequest)]
    [TestCase("application/json", "surrogate", HttpStatusCode.BadRequest)]
    [TestCase("application/json; charset=utf-8", "utf-8", HttpStatusCode.Created)]
    public async Task A_body_that_is_no_UTF8_is_refused_with_a_problem(string type, string bytes, HttpStatusCode expected)
    {
        const string json = "{\"userName\":\"\u5F20\u4E09\"}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/admin/users");
        request.Headers.Authorization = new("Bearer", TestServer.AdminKey);
        request.Content = new ByteArrayContent(bytes switch
        {
            "utf-16" => System.Text.Encoding.Unicode.GetBytes(json),
            "broken" => [.. "{\"userName\":\""u8, 0xD8, 0xFF, 0x00, .. "\"}"u8],
            "surrogate" => [.. "{\"userName\":\"\\ud800\"}"u8],
            _ => System.Text.Encoding.UTF8.GetBytes(json),
        });
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await Server.Http.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(expected), await response.Content.ReadAsStringAsync());
        if (expected != HttpStatusCode.Created) Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
    }

    [Test]
    public async Task Evidence_with_a_NUL_is_kept_whole()
    {
        using (var content = new ByteArrayContent("mchid=1\0&out_trade_no=a%00b&sign=0&tail=end"u8.ToArray()))
        {
            content.Headers.ContentType = new("application/x-www-form-urlencoded");
            using var response = await Server.Http.PostAsync("/payjs/notify", content);
            Assert.That(response.StatusCode, Is.Not.EqualTo(HttpStatusCode.InternalServerError));
        }
        var placed = await _shop.BuyCreditsAsync();
        var id = (await _shop.OrderAsync(placed.Number)).Id;
        Assert.That((await Server.AdminAsync(HttpMethod.Post, $"orders/{id}/confirm", new { reason = "seen\0 by me" })).Status, Is.EqualTo(HttpStatusCode.OK));
        var kept = await _shop.NotificationsAsync();
        Assert.That(kept.Select(n => (n.Raw.Text, n.OrderNumber)), Is.EqualTo(new[]
        {
            ("mchid=1\0&out_trade_no=a%00b&sign=0&tail=end", "a%00b"),
            ("seen\0 by me", placed.Number),
        }));
        var (_, listed) = await Server.AdminAsync(HttpMethod.Get, "notifications");
        Assert.That((string?)listed![1]!["content"], Does.EndWith("tail=end"));
    }

    [Test]
    public async Task Tokens_are_stored_as_hashes_and_end_with_newer_ones()
    {
        async Task<string> IssueAsync(object login) => (string)(await Server.AdminAsync(HttpMethod.Post, $"users/{_shop.Uid}/tokens", login)).Body!["token"]!;
        async Task<string?> TryAsync(string token) => (string?)(await Server.PluginAsync($"&action=payjs_check_id&token={token}"))["result"];

        var first = await IssueAsync(new { });
        Assert.That(first, Does.Match("^[A-Za-z0-9_]{22,1000}$"), "22 letters and digits hold 128 bits");
        Assert.That(await TryAsync(first), Is.EqualTo("OK"));
        Assert.That(await Server.WithDbAsync(db => db.AccountTokens.AnyAsync(t => t.Hash == first)), Is.False);
        var second = await IssueAsync(new { });
        Assert.That((await TryAsync(first), await TryAsync(second)), Is.EqualTo(("error05", "OK")));

        await Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { addDevices = 2 });
        var third = await IssueAsync(new { });
        Assert.That((await TryAsync(second), await TryAsync(third)), Is.EqualTo(("OK", "OK")));
    }

    [Test]
    public async Task A_kami_gives_all_it_carries_once()
    {
        var placed = await _shop.BuyKamiAsync();
        await Server.NotifyAsync(placed.Notice());
        var code = (string)(await _shop.CheckAsync(placed.GatewayOrderId))["kami"]!;
        var permanent = await _shop.AddUserAsync("forever", permanent: true);
        Assert.That((await Server.AdminAsync(HttpMethod.Post, $"users/{permanent}/redemptions", new { code })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await Server.AdminAsync(HttpMethod.Post, "users/424242/redemptions", new { code })).Status, Is.EqualTo(HttpStatusCode.NotFound));

        var statuses = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            (await Server.AdminAsync(HttpMethod.Post, $"users/{_shop.Uid}/redemptions", new { code = code.ToLowerInvariant() })).Status));
        Assert.That(statuses.Count(s => s == HttpStatusCode.OK), Is.EqualTo(1));
        Assert.That(statuses.Count(s => s == HttpStatusCode.Conflict), Is.EqualTo(7));
        var account = await _shop.AccountAsync();
        Assert.That((account.Credits2, account.Credits3, account.Devices), Is.EqualTo((12000L, 13000L, 10L)));
        Assert.That((await _shop.AccountAsync(permanent)).Credits2, Is.Zero);
        Assert.That((await _shop.LedgerAsync()).Count(e => e.Uid == _shop.Uid && e.Key.StartsWith("kami:", StringComparison.Ordinal)), Is.EqualTo(4));
    }

    [Test]
    public async Task The_ledger_tells_every_change_without_a_break()
    {
        var (_, made) = await Server.AdminAsync(HttpMethod.Post, "users", new { userName = "rich", credits = new[] { 5, 6, 0, 0, 0, 0, 0, 0 }, seconds = 60, devices = 3 });
        var uid = (long)made!["uid"]!;
        await Server.NotifyAsync((await _shop.BuyCreditsAsync(user: "rich")).Notice());
        await Server.NotifyAsync((await _shop.BuyCardTimeAsync(user: "rich")).Notice());
        await Server.AdminAsync(HttpMethod.Patch, $"users/{uid}", new { addCredits = new[] { -5, 0, 0, 0, 0, 0, 0, 1 }, addDevices = -1, cardTimeExpiry = 0 });
        Assert.That((await Server.AdminAsync(HttpMethod.Patch, $"users/{uid}", new { addCredits = new[] { 1, -1000, 0, 0, 0, 0, 0, 0 } })).Status,
            Is.EqualTo(HttpStatusCode.Conflict), "whole or not at all");

        var account = await _shop.AccountAsync(uid);
        var ledger = await Server.WithDbAsync(db => db.LedgerEntries.AsNoTracking().Where(e => e.Uid == uid).OrderBy(e => e.Id).ToListAsync());
        foreach (var chain in ledger.GroupBy(e => e.Kind))
        {
            var before = 0L;
            foreach (var entry in chain)
            {
                Assert.That((entry.Before, entry.After), Is.EqualTo((before, before + entry.Delta)), $"{entry.Kind} {entry.Key}");
                before = entry.After;
            }
        }
        long Last(LedgerKind ledgerKind) => ledger.Last(e => e.Kind == ledgerKind).After;
        Assert.That((account.Credits1, account.Credits2, account.Credits8, account.Devices, account.CardTimeExpiry),
            Is.EqualTo((0L, 6L + Shop.CreditRatio, 1L, 2L, 0L)));
        Assert.That((Last(LedgerKind.Credits1), Last(LedgerKind.Credits2), Last(LedgerKind.Credits8), Last(LedgerKind.Devices), Last(LedgerKind.CardTime)),
            Is.EqualTo((account.Credits1, account.Credits2, account.Credits8, account.Devices, account.CardTimeExpiry)));
    }

    [Test]
    public async Task The_api_is_described_and_the_description_can_be_browsed()
    {
        var document = JsonDocument.Parse(await PageAsync("/openapi/v1.json")).RootElement;
        var paths = document.GetProperty("paths").EnumerateObject().Select(p => p.Name).ToList();
        Assert.That(paths, Does.Contain("/api/admin/settings").And.Contain("/api/admin/card-rules/{id}").And.Contain("/api/admin/users/{uid}/redemptions"));
        Assert.That(await PageAsync("/docs/"), Does.Contain("<html"));
    }

    private async Task<string> PageAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", TestServer.AdminKey);
        using var response = await Server.Http.SendAsync(request);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }
}
