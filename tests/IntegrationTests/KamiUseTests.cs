using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Domain.Accounts;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary><c>payjs_kamis_use</c>: a logged-in user redeems a kami, once, completely or not at all.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class KamiUseTests(DatabaseKind kind)
{
    private FakeTimeProvider _clock = null!;
    private Shop _shop = null!;
    private string _token = "";

    [SetUp]
    public async Task OpenAsync()
    {
        // The clock stands still, so a limit per minute covers the whole test.
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _shop = await Shop.OpenAsync(kind, _clock, ("KnownProxies", "127.0.0.1"), ("RateLimit:UnknownKamisPerMinute", "70"));
        _token = await IssueTokenAsync(_shop.Uid);
    }

    [TearDown]
    public async Task AuditAndCloseAsync()
    {
        var (_, report) = await _shop.Server.AdminAsync(HttpMethod.Get, "audit");
        Assert.That((bool)report!["sound"]!, report.ToJsonString());
        await _shop.DisposeAsync();
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task It_gives_all_a_kami_carries_and_says_so(bool xml)
    {
        var kami = await BuyAsync();
        var text = await _shop.Server.PluginTextAsync($"&action=payjs_kamis_use&token={_token}&kami={kami.ToLowerInvariant()}{(xml ? "&output=xml" : "")}");
        var account = await _shop.AccountAsync();
        Assert.That(text, Does.StartWith(xml
            ? $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root><code>200</code><result>OK</result><count>7</count><data><uid>{_shop.Uid}</uid><kami>{kami}</kami><credits>12000</credits>"
                + $"<jiaoyi>13000</jiaoyi><times>1000000</times><inttoken>10</inttoken><dateline>{account.CardTimeExpiry}</dateline></data><sqltime>"
            : $"{{\"code\":200,\"result\":\"OK\",\"count\":7,\"data\":{{\"uid\":\"{_shop.Uid}\",\"kami\":\"{kami}\",\"credits\":\"12000\",\"jiaoyi\":\"13000\","
                + $"\"times\":\"1000000\",\"inttoken\":\"10\",\"dateline\":\"{account.CardTimeExpiry}\"}},\"sqltime\":"));
        Assert.That((account.Credits2, account.Credits3, account.Devices), Is.EqualTo((12000, 13000, 10)));
        Assert.That(account.CardTimeExpiry, Is.EqualTo(_clock.GetUtcNow().ToUnixTimeSeconds() + 1_000_000));

        var friend = await IssueTokenAsync(await _shop.AddUserAsync("friend"));
        foreach (var token in new[] { _token, friend }) Assert.That(await UseAsync(kami, token), Is.EqualTo("400 error0052"));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.EqualTo(12000));
    }

    [Test]
    public async Task What_is_wrong_is_told_and_changes_nothing()
    {
        var kami = await BuyAsync();
        foreach (var unknown in new[] { new string('0', 32), kami[1..], kami + "0", "G" + kami[1..], "x", "%E5%80%BC" })
            Assert.That(await UseAsync(unknown), Is.EqualTo("400 error0056"), unknown);
        Assert.That(await UseAsync(""), Is.EqualTo("401 error06:kami"));
        Assert.That(await UseAsync(kami, ""), Is.EqualTo("401 error06:token"));
        Assert.That(await UseAsync(kami, "nobodys"), Is.EqualTo("401 error05"));
        Assert.That(await UseAsync(kami + $"&key={Shop.TransportKey}", ""), Is.EqualTo("401 error06:token"), "the key stands in for no login");

        var lasting = await IssueTokenAsync(await _shop.AddUserAsync("lasting", permanent: true));
        Assert.That(await UseAsync(kami, lasting), Is.EqualTo("400 error0055"));
        await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { addCredits = new[] { 0, 0, int.MaxValue - 12999, 0, 0, 0, 0, 0 } });
        Assert.That(await UseAsync(kami), Is.EqualTo("400 error00712"), "one credit more than there is room for");
        await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { addCredits = new[] { 0, 0, -1, 0, 0, 0, 0, 0 } });
        await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { enabled = false });
        Assert.That(await UseAsync(kami), Is.EqualTo("400 error00114"));
        Assert.That((await _shop.AccountAsync()).Credits2, Is.Zero);
        Assert.That(await _shop.Server.WithDbAsync(db => db.Kamis.CountAsync(k => k.RedeemedAt != null)), Is.Zero);

        await _shop.Server.AdminAsync(HttpMethod.Patch, $"users/{_shop.Uid}", new { enabled = true });
        Assert.That(await UseAsync(kami), Is.EqualTo("200 OK"));
        Assert.That((await _shop.AccountAsync()).Credits3, Is.EqualTo(UserAccount.MaximumBalance));
    }

    [Test]
    public async Task A_permanent_account_takes_a_kami_without_time_and_stays_permanent()
    {
        await _shop.Server.AdminAsync(HttpMethod.Put, "card-rules/9", new { priceFen = 100, credits = 5, tradeCredits = 0, seconds = 0, devices = 0 });
        var kami = await BuyAsync();
        var lasting = await IssueTokenAsync(await _shop.AddUserAsync("lasting", permanent: true));
        var reply = await _shop.Server.PluginAsync($"&action=payjs_kamis_use&token={lasting}&kami={kami}");
        Assert.That(((string)reply["data"]!["credits"]!, (string)reply["data"]!["times"]!, (string)reply["data"]!["dateline"]!), Is.EqualTo(("5", "0", "0")));
    }

    [Test]
    public async Task Of_sixty_four_at_once_one_wins()
    {
        var kami = await BuyAsync();
        var friend = await _shop.AddUserAsync("friend");
        var tokens = new[] { _token, await IssueTokenAsync(friend) };
        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => UseAsync(kami, tokens[i % 2])));
        Assert.That(results.Count(r => r == "200 OK"), Is.EqualTo(1));
        Assert.That(results.Where(r => r != "200 OK"), Is.All.EqualTo("400 error0052"));
        Assert.That((await _shop.AccountAsync()).Credits2 + (await _shop.AccountAsync(friend)).Credits2, Is.EqualTo(12000));
    }

    [Test]
    public async Task Guesses_are_limited_by_address_and_by_account()
    {
        var (kami, friend) = (await BuyAsync(), await IssueTokenAsync(await _shop.AddUserAsync("friend")));
        for (var guess = 0; guess < 70; guess++) Assert.That(await UseAsync(Guess(guess), _token, $"192.0.2.{guess}"), Is.EqualTo("400 error0056"));
        Assert.That(await UseAsync(kami, _token, "192.0.2.200"), Is.EqualTo("400 error0124"), "from wherever");
        for (var guess = 0; guess < 69; guess++) Assert.That(await UseAsync(Guess(guess), friend, "192.0.2.1"), Is.EqualTo("400 error0056"));
        var stranger = await IssueTokenAsync(await _shop.AddUserAsync("stranger"));
        Assert.That(await UseAsync(kami, stranger, "192.0.2.1"), Is.EqualTo("400 error0124"), "whoever it is");
        Assert.That(await UseAsync(kami, stranger, "192.0.2.201"), Is.EqualTo("200 OK"));
    }

    [Test]
    public async Task What_was_refunded_gives_nothing()
    {
        var kami = await BuyAsync();
        await _shop.Server.WithDbAsync(async db =>
        {
            var order = await db.Orders.SingleAsync();
            order.BeginRefund("r", _clock.GetUtcNow());
            order.Refund(null, _clock.GetUtcNow());
            (await db.Kamis.SingleAsync()).TryVoid(_clock.GetUtcNow());
            return await db.SaveChangesAsync();
        });
        Assert.That(await UseAsync(kami), Is.EqualTo("400 error0056"));
    }

    private static string Guess(int number) => number.ToString("X32", CultureInfo.InvariantCulture);

    private async Task<string> BuyAsync()
    {
        var placed = await _shop.BuyKamiAsync();
        Assert.That((await _shop.Server.NotifyAsync(placed.Notice())).Text, Is.EqualTo("success"));
        return (string)(await _shop.CheckAsync(placed.GatewayOrderId))["kami"]!;
    }

    private async Task<string> IssueTokenAsync(long uid) => (string)(await _shop.Server.AdminAsync(HttpMethod.Post, $"users/{uid}/tokens", new { })).Body!["token"]!;

    private async Task<string> UseAsync(string kami, string? token = null, string address = "192.0.2.250")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{TestServer.PluginPath}&action=payjs_kamis_use&token={token ?? _token}&kami={kami}") { Headers = { { "X-Forwarded-For", address } } };
        using var response = await _shop.Server.Http.SendAsync(request);
        var reply = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        return $"{reply["code"]} {reply["result"]}";
    }
}
