using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>A request with two faults gets the error of the earlier check, for each pair of adjacent checks.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class SequenceOfChecksTests(DatabaseKind kind) : PluginFixture(kind)
{
    private static readonly string TitleTooLong = new('b', LongTitle);

    private static readonly object Off = new { pluginEnabled = false };
    private static readonly object Closed = new { pluginEnabled = false, closedActions = Call.All.Select(c => c.Action) };
    private static readonly object OffAndBarred = new { pluginEnabled = false, barredAddresses = new[] { "127.0.0.1", "::1" } };
    private static readonly object Barred = new { barredAddresses = new[] { "127.0.0.1", "::1" } };
    private static readonly object NoGateway = new { gatewayEnabled = false };

    public sealed record Pair(string Earlier, string Later, Call Call, int Code, string Error, object? Settings = null)
    {
        public override string ToString() => $"{Call}: {Earlier} before {Later}";
    }

    private static IEnumerable<Pair> Pairs()
    {
        // The checks before every action.
        yield return new("no action", "switched off", Call.Credit.With("action", ""), 401, "error06:action", Off);
        yield return new("closed", "switched off", Call.Credit, 400, "error0111", Closed);
        yield return new("switched off", "barred", Call.Credit, 403, "error01", OffAndBarred);
        yield return new("barred", "no key", Call.Credit.Without("key"), 400, "error0112", Barred);
        yield return new("barred", "no token", Call.Paid.Without("token"), 400, "error0112", Barred);
        yield return new("switched off", "wrong key", Call.Credit.With("key", "wrong"), 403, "error01", Off);
        yield return new("no key", "unknown action", Call.Credit.Without("key").With("action", "none"), 401, "error06:key");
        yield return new("wrong key", "unknown action", Call.Credit.With("key", "wrong").With("action", "none"), 401, "error02");
        yield return new("wrong key", "unknown id", Call.Credit.With("key", "wrong").And("id", "none"), 401, "error02");
        yield return new("wrong token", "unknown id", Call.Paid.With("token", "wrong").And("id", "none"), 401, "error05");
        yield return new("unknown id", "missing parameter", Call.Credit.Without("money").And("id", "none"), 400, "error010");
        yield return new("unknown action", "missing parameter", Call.Credit.Without("money").With("action", "none"), 400, "error010");

        // Required parameters, in the original text's order, before their values.
        yield return new("no money", "no credits", Call.Credit.Without("credits", "money"), 401, "error06:money");
        yield return new("no credits", "no username", Call.Credit.Without("username", "credits"), 401, "error06:credits");
        yield return new("no username", "no body", Call.Credit.Without("body", "username"), 401, "error06:username");
        yield return new("no money", "no username", Call.CardTime.Without("username", "money"), 401, "error06:money");
        yield return new("no list_id", "no username", Call.Kami.Without("username", "list_id"), 401, "error06:list_id");
        yield return new("no body", "unknown user", Call.Credit.Without("body").With("username", "nobody"), 401, "error06:body");
        yield return new("no body", "disabled user", Call.Credit.Without("body").With("username", Disabled), 401, "error06:body");
        yield return new("no body", "money that is none", Call.Credit.Without("body").With("money", "x"), 401, "error06:body");
        yield return new("no body", "no gateway", Call.Kami.Without("body"), 401, "error06:body", NoGateway);

        // Business checks, in the order of the table's rows.
        foreach (var call in new[] { Call.Credit, Call.CardTime })
        {
            yield return new("unknown user", "money that is none", call.With("username", "nobody").With("money", "x"), 400, "error00112");
            yield return new("disabled user", "money that is none", call.With("username", Disabled).With("money", "x"), 400, "error00114");
            yield return new("money that is none", "no gateway", call.With("money", "x"), 400, "error00712", NoGateway);
            yield return new("money over the limit", "no gateway", call.With("money", "10000.01"), 400, "error00712", NoGateway);
            yield return new("full balance", "no gateway", call.With("username", Full), 400, "error00712", NoGateway);
        }
        yield return new("uid that is none", "money that is none", Call.Credit.With("isuid", "1").With("money", "x"), 400, "error00112");
        yield return new("unknown user", "unknown rule", Call.Kami.With("username", "nobody").With("list_id", "2"), 400, "error00112");
        yield return new("disabled user", "unknown rule", Call.Kami.With("username", Disabled).With("list_id", "2"), 400, "error00114");
        // Rule 9 costs 100 fen.
        yield return new("rule's price", "no gateway", Call.Kami, 400, "error00712", new { gatewayEnabled = false, minimumFen = 101 });
        yield return new("money buys nothing", "no gateway", Call.Credit.With("money", "0.01"), 400, "error00712", NoGateway);
        yield return new("money that is none", "credits that are none", Call.Credit.With("money", "x").With("credits", "9"), 400, "error00712");
        yield return new("money over the limit", "credits without a ratio", Call.Credit.With("money", "10000.01").With("credits", TypeWithoutRatio), 400, "error00712");
        yield return new("no gateway", "credits that are none", Call.Credit.With("credits", "9"), 400, "error00713", NoGateway);
        yield return new("no gateway", "unknown rule", Call.Kami.With("list_id", "2"), 400, "error00713", NoGateway);
        yield return new("no gateway", "permanent account", Call.CardTime.With("username", Permanent), 400, "error00713", NoGateway);
        yield return new("money buys nothing", "permanent account", Call.CardTime.With("username", Permanent), 400, "error00712", new { timeRatio = 0 });

        // Texts before accounts: the reply to a too long text says nothing about an account.
        foreach (var call in new[] { Call.Credit.With("body", TitleTooLong), Call.CardTime.With("body", TitleTooLong), Call.CardTime.And("attach", new string('a', LongAttach)) })
        {
            foreach (var name in new[] { "nobody", Disabled, Full, Permanent })
                yield return new("long text", $"account {name}", call.With("username", name), 400, "error0127");
            yield return new("long text", "uid that is none", call.With("username", "nobody").With("isuid", "1"), 400, "error0127");
            yield return new("long text", "e-mail that is none", call.With("username", "nobody").With("isuid", "2"), 400, "error0127");
            yield return new("long text", "money that is none", call.With("money", "x"), 400, "error0127");
            yield return new("long text", "no gateway", call, 400, "error0127", NoGateway);
        }
        yield return new("long title", "unknown rule", Call.Kami.With("list_id", "2").With("body", TitleTooLong), 400, "error0127");
        yield return new("long title", "disabled account", Call.Kami.With("username", Disabled).With("body", TitleTooLong), 400, "error0127");
    }

    [TestCaseSource(nameof(Pairs))]
    public async Task Of_two_faults_the_earlier_answers(Pair pair)
    {
        if (pair.Settings is not null) await ChangeSettingsAsync(pair.Settings);
        Gateway.Requests.Clear();
        await AssertErrorAsync(pair.Call, pair.Code, pair.Error);
        Assert.That(Gateway.Requests, Is.Empty);
    }

    [Test]
    public async Task A_disabled_account_before_a_page_that_is_none()
    {
        var uid = await AddUserAsync(new { userName = "lister" });
        var token = await IssueTokenAsync(uid);
        await Server.AdminAsync(HttpMethod.Patch, $"users/{uid}", new { enabled = false });
        await AssertErrorAsync(Call.Paid.With("token", token).With("page", "x"), 400, "error00114");
    }

    [Test]
    public async Task A_long_title_before_the_gateway_is_asked()
    {
        Gateway.Answer = (_, _) => Task.FromResult("no JSON");
        await AssertErrorAsync(Call.Credit.With("body", TitleTooLong), 400, "error0127");
        await AssertErrorAsync(Call.Credit, 400, "error0020");
    }
}
