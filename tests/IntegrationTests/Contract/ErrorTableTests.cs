using PayRecharge.Domain.Accounts;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>Every row of the contract's error table, byte for byte, in both formats; no row creates an order.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class ErrorTableTests(DatabaseKind kind) : PluginFixture(kind)
{
    /// <summary>One code point: two UTF-16 units, four UTF-8 bytes.</summary>
    private const string Emoji = "😀";

    private static readonly Call[] Orders = [Call.Credit, Call.CardTime, Call.Kami];
    private static readonly string[] ThisAddress = ["203.0.113.7", "127.0.0.1", "::1"];
    private static readonly string[] ThisNetwork = ["127.0.0.0/8", "::1/128"];
    private static readonly Call[] ByMoney = [Call.Credit, Call.CardTime];

    /// <summary>A situation and its expected error.</summary>
    public sealed record Row(string Situation, Call Call, int Code, string Error, object? Settings = null)
    {
        public override string ToString() => $"{Call.Action}: {Situation} is {Error}";
    }

    private static IEnumerable<Row> Table()
    {
        foreach (var call in Call.All)
        {
            yield return new("switched off", call, 403, "error01", new { pluginEnabled = false });
            yield return new("closed", call, 400, "error0111", new { closedActions = new[] { Call.Paid.Action, call.Action } });
            yield return new("address barred", call, 400, "error0112", new { barredAddresses = ThisAddress });
            yield return new("network barred", call, 400, "error0112", new { barredAddresses = ThisNetwork });
        }

        foreach (var call in Call.All.Except([Call.Paid]))
        {
            yield return new("key wrong", call.With("key", "wrong"), 401, "error02");
            yield return new("key of another case", call.With("key", Call.Key.ToUpperInvariant()), 401, "error02");
            yield return new("key is 0.0", call.With("key", "0.0"), 401, "error02");
            yield return new("token instead of key", call.Without("key").With("token", SeedData.Token), 401, "error06:key");
        }

        yield return new("token unknown", Call.Paid.With("token", "unknown"), 401, "error05");
        yield return new("token of another case", Call.Paid.With("token", SeedData.Token.ToUpperInvariant()), 401, "error05");
        yield return new("token is 0.0", Call.Paid.With("token", "0.0"), 401, "error05");
        yield return new("key instead of token", Call.Paid.Without("token").With("key", Call.Key), 401, "error06:token");

        foreach (var (call, required) in Required)
        {
            for (var at = 0; at < required.Length; at++)
            {
                var name = required[at];
                yield return new($"{name} absent", call.Without(name), 401, $"error06:{name}");
                yield return new($"{name} empty", call.With(name, ""), 401, $"error06:{name}");
                yield return new($"{name} blank", call.With(name, " \t\r\n\0\v"), 401, $"error06:{name}");
                yield return new($"{name} is 0", call.With(name, "0"), 401, $"error06:{name}");
                yield return new($"{name} is 0 between blanks", call.With(name, " 0 "), 401, $"error06:{name}");
                yield return new($"{name} is a list", call.Without(name).And($"{name}[]", "1"), 401, $"error06:{name}");
                yield return new($"{name} and all after it absent", call.Without(required[at..]), 401, $"error06:{name}");
            }
        }

        foreach (var action in new[] { "payjs", "PAYJS_CREDIT", "payjs_credit ;", "0.0", "支付" })
            yield return new($"action {action}", Call.Credit.With("action", action), 400, "error010");
        foreach (var id in new[] { "xinxiu_network:payjs", "xinxiu_network_plugin:other", "Xinxiu_Network_Plugin:payjs", "0", "" })
            yield return new($"id {id}", Call.Rules.And("id", Uri.EscapeDataString(id)), 400, "error010");

        foreach (var call in Orders)
        {
            yield return new("user unknown", call.With("username", "nobody"), 400, "error00112");
            yield return new("user is 0.0", call.With("username", "0.0"), 400, "error00112");
            yield return new("a uid as a name", call.With("username", "1"), 400, "error00112");
            yield return new("an e-mail as a name", call.With("username", "demo@example.com"), 400, "error00112");
            foreach (var isuid in new[] { "0", "3", "01", "1.0", "x" })
                yield return new($"a uid as a name, isuid {isuid}", call.With("username", "1").With("isuid", isuid), 400, "error00112");
            // A uid is [1-9][0-9]{0,9}; the last three have that form, but no such user exists.
            foreach (var uid in new[] { "demo", "01", "0.0", "-1", "+1", "1.0", "1e0", "0x1", "1 1", "１", "12345678901", "1234567890", "9999999999", "424242" })
                yield return new($"isuid 1, uid {uid}", call.With("username", uid).With("isuid", "1"), 400, "error00112");
            foreach (var mail in new[] { "demo", "1", "nobody@example.com", "demo@example.com.", "%@example.com" })
                yield return new($"isuid 2, e-mail {mail}", call.With("username", mail).With("isuid", "2"), 400, "error00112");
            yield return new("account disabled", call.With("username", Disabled), 400, "error00114");
            yield return new("switched off at the gateway", call, 400, "error00713", new { gatewayEnabled = false });
            yield return new("body too long", call.With("body", new string('b', LongTitle)), 400, "error0127");
            yield return new("body too long in Chinese", call.With("body", new string('值', LongTitle)), 400, "error0127");
            yield return new("body too long in emoji", call.With("body", string.Concat(Enumerable.Repeat(Emoji, LongTitle))), 400, "error0127");
            yield return new("attach too long", call.With("attach", new string('a', LongAttach)), 400, "error0127");
            yield return new("attach too long in emoji", call.With("attach", string.Concat(Enumerable.Repeat(Emoji, LongAttach))), 400, "error0127");
        }

        foreach (var call in ByMoney)
        {
            foreach (var money in new[] { "x", "-1", "+1", ".5", "1.", "1.001", "1,5", "1 0", "12345678", "1e1", "１", "0.0", "0.00", "00", "1.0.0", "10000.01", "9999999.99" })
                yield return new($"money {money}", call.With("money", money), 400, "error00712");
            yield return new("money under the owner's limit", call.With("money", "4.99"), 400, "error00712", new { minimumFen = 500 });
            yield return new("money over the owner's limit", call.With("money", "5.01"), 400, "error00712", new { maximumFen = 500 });
            yield return new("balance past 2^31-1", call.With("username", Full), 400, "error00712");
        }
        // 0.09 yuan at 10 per yuan buys less than one unit; so does 0.01 at 99.
        yield return new("buys no credits", Call.Credit.With("money", "0.09"), 400, "error00712");
        yield return new("buys no seconds", Call.CardTime.With("money", "0.01"), 400, "error00712", new { timeRatio = 99 });
        yield return new("time not for sale", Call.CardTime, 400, "error00712", new { timeRatio = 0 });
        // Rule 9 costs 1 yuan, rule 8 costs 100.
        yield return new("rule's price under the limit", Call.Kami, 400, "error00712", new { minimumFen = 101 });
        yield return new("rule's price over the limit", Call.Kami.With("list_id", "8"), 400, "error00712", new { maximumFen = 9_999 });

        foreach (var type in new[] { "00", "0.0", "9", "x", "-1", "1.0", "02", "10", "２" })
            yield return new($"credits {type}", Call.Credit.With("credits", type), 400, "error0127");
        yield return new("credits without a ratio", Call.Credit.With("credits", TypeWithoutRatio), 400, "error0127");
        foreach (var rule in new[] { "2", "0.0", "-9", "9.0", "x", "９", "9223372036854775808" })
            yield return new($"list_id {rule}", Call.Kami.With("list_id", rule), 400, "error0126");
        yield return new("permanent account", Call.CardTime.With("username", Permanent), 400, "error0055");
        foreach (var id in new[] { "2021050718271700671267493", "0.0", "x", "20210507182717006712674922021050718271" })
            yield return new($"payjs_order_id {id}", Call.Check.With("payjs_order_id", id), 400, "error0128");
        foreach (var page in new[] { "0", "0.0", "-1", "x", "2147483648" })
            yield return new($"page {page}", Call.Paid.With("page", page), 400, "error0127");
        foreach (var size in new[] { "0", "-1", "x", "201" })
            yield return new($"perpage {size}", Call.Paid.With("perpage", size), 400, "error0127");
    }

    // The original text's order, except that the action and the key always come first.
    private static (Call Call, string[] Required)[] Required { get; } =
    [
        (Call.Credit, ["action", "key", "money", "credits", "username", "body"]),
        (Call.CardTime, ["action", "key", "money", "username", "body"]),
        (Call.Kami, ["action", "key", "list_id", "username", "body"]),
        (Call.Rules, ["action", "key"]),
        (Call.Check, ["action", "key", "payjs_order_id"]),
        (Call.Paid, ["action", "token"]),
    ];

    [TestCaseSource(nameof(Table))]
    public async Task A_situation_answers_its_error(Row row)
    {
        var orders = await CountOrdersAsync();
        if (row.Settings is not null) await ChangeSettingsAsync(row.Settings);
        await AssertErrorAsync(row.Call, row.Code, row.Error);
        Assert.That(await CountOrdersAsync(), Is.EqualTo(orders));
    }

    [Test]
    public async Task A_token_replaced_by_a_newer_login_is_error05()
    {
        // Without devices an account has one login at a time.
        var uid = await AddUserAsync(new { userName = "twice" });
        var (older, newer) = (await IssueTokenAsync(uid), await IssueTokenAsync(uid));
        await AssertErrorAsync(Call.Paid.With("token", older), 401, "error05");
        await SucceedAsync(Call.Paid.With("token", newer), 0);
    }

    [Test]
    public async Task An_expired_token_is_error013()
    {
        // The example's time_end, long in the past.
        await Server.WithDbAsync(db =>
        {
            db.AccountTokens.Add(AccountToken.For(1, "expired", DateTimeOffset.FromUnixTimeSeconds(1_620_383_259)));
            return db.SaveChangesAsync();
        });
        await AssertErrorAsync(Call.Paid.With("token", "expired"), 401, "error013");
    }

    [Test]
    public async Task A_disabled_account_sees_no_records()
    {
        var uid = await AddUserAsync(new { userName = "disabled later" });
        var token = await IssueTokenAsync(uid);
        await SucceedAsync(Call.Paid.With("token", token), 0);
        await Server.AdminAsync(HttpMethod.Patch, $"users/{uid}", new { enabled = false });
        await AssertErrorAsync(Call.Paid.With("token", token), 400, "error00114");
    }

    [Test]
    public async Task Without_a_merchant_a_notify_address_or_with_the_gateway_off_orders_are_error00713()
    {
        await using var database = await Database.CreateAsync(Database.Kind);
        await using var server = TestServer.Start(database, Gateway.Address);
        await server.SaveSettingsAsync(new { transportKey = Call.Key, creditRatios = Enumerable.Repeat(10, UserAccount.CreditTypes), timeRatio = 3600 });
        await server.AdminAsync(HttpMethod.Post, "users", new { userName = "demo" });
        await server.AdminAsync(HttpMethod.Put, "card-rules/9", new { priceFen = 100, credits = 1, tradeCredits = 0, seconds = 0, devices = 0 });
        Gateway.Requests.Clear();

        async Task RefuseAllAsync()
        {
            foreach (var call in Orders) await AssertErrorAsync(server, call, 400, "error00713");
        }

        await RefuseAllAsync();
        await server.SaveSettingsAsync(new { merchantId = ScriptedGateway.Merchant, merchantKey = ScriptedGateway.Key });
        await RefuseAllAsync();
        await server.SaveSettingsAsync(new { notifyBaseUrl = "https://pay.example.com", gatewayEnabled = false });
        await RefuseAllAsync();
        Assert.That(Gateway.Requests, Is.Empty);
        await server.SaveSettingsAsync(new { gatewayEnabled = true });
        foreach (var call in Orders) Assert.That(await server.PluginTextAsync(call.ToString()), Does.StartWith("{\"code\":200,\"result\":\"OK\",\"count\":1,"));
        Assert.That(Gateway.Requests, Has.Count.EqualTo(Orders.Length));
        Assert.That(Gateway.Requests, Has.All.Matches<(string Call, Dictionary<string, string> Form)>(r => r.Form["notify_url"] == "https://pay.example.com/payjs/notify"));
    }

    [Test]
    public async Task What_the_limits_just_allow_is_taken()
    {
        foreach (var call in Orders)
        {
            await SucceedAsync(call.With("body", "0.0"), 1);
            await SucceedAsync(call.With("body", new string('值', LongTitle - 1)).With("attach", new string('值', LongAttach - 1)), 1);
            await SucceedAsync(call
                .With("body", string.Concat(Enumerable.Repeat(Emoji, LongTitle - 1)))
                .With("attach", string.Concat(Enumerable.Repeat(Emoji, LongAttach - 1))), 1);
            await SucceedAsync(call.With("username", "DEMO"), 1);
            await SucceedAsync(call.With("username", "1").With("isuid", "1"), 1);
            await SucceedAsync(call.With("username", "Demo@Example.COM").With("isuid", "2"), 1);
        }
        // 10,000 yuan is the gateway's maximum; 0.9 yuan buys the 9 credits that the balance has room for.
        foreach (var money in new[] { "10000", "10000.00", "0000001", "0.1", "1.5" }) await SucceedAsync(Call.Credit.With("money", money), 1);
        await SucceedAsync(Call.Credit.With("money", "0.9").With("username", Full), 1);
        await SucceedAsync(Call.Credit.With("money", "0000.99").With("username", Permanent), 1);
        await SucceedAsync(Call.Kami.With("username", Permanent), 1);
        await SucceedAsync(Call.CardTime.With("money", "0.01"), 1);
        await SucceedAsync(Call.Paid.With("page", "1").With("perpage", "200"), 1);
    }

    [Test]
    public async Task A_name_of_digits_is_a_name_unless_isuid_says_otherwise()
    {
        var uid = await AddUserAsync(new { userName = "424243" });
        var id = (string)(await SucceedAsync(Call.Credit.With("username", "424243"), 1))["payjs_order_id"]!;
        Assert.That((string)(await SucceedAsync(Call.Check.With("payjs_order_id", id), 14))["uid"]!, Is.EqualTo(uid.ToString(null, null)));
        await AssertErrorAsync(Call.Credit.With("username", "424243").With("isuid", "1"), 400, "error00112");
    }
}
