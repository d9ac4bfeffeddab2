using System.Text.Json.Nodes;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>Too many polls of one order, or of unknown orders from one address, get error0124.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class OrderLimitTests(DatabaseKind kind) : PluginFixture(kind)
{
    private const int Burst = 3;
    private const int Unknown = 4;

    private int _orders;

    // This process is the proxy, so each test can use its own addresses.
    protected override (string Name, string Value)[] Configuration =>
        [("RateLimit:OrderPerSecond", "1"), ("RateLimit:OrderBurst", $"{Burst}"), ("RateLimit:UnknownOrdersPerMinute", $"{Unknown}"), ("KnownProxies", "127.0.0.1")];

    [Test]
    public async Task An_order_is_answered_in_a_burst_then_error0124_before_the_key_is_looked_at()
    {
        var (order, other) = (Call.Check.With("payjs_order_id", await PlaceAsync("192.0.2.1")), Call.Check.With("payjs_order_id", await PlaceAsync("192.0.2.1")));
        for (var call = 1; call <= Burst; call++) Assert.That((int)(await SucceedAsync(order, 14))["nums"]!, Is.EqualTo(call));

        // The bucket refills while the calls run, so some calls may pass.
        Assert.That(await FloodAsync(order), Does.Match("^(OK )?error0124$"));
        Assert.That(await FloodAsync(order.Without("key")), Does.Match("^error0124( error06:key)?$"));
        // The limit holds for all addresses together.
        Assert.That(await AskAsync("192.0.2.2", order), Is.AnyOf("error0124", "OK"));
        await SucceedAsync(other, 14);
        await SucceedAsync(Call.Rules.And("payjs_order_id", "1"), 4);
        await Eventually.HoldsAsync(async () => await AskAsync("192.0.2.3", order) == "OK");
    }

    [Test]
    public async Task An_address_that_guesses_orders_hears_of_none_it_did_not_know_and_of_those_it_did()
    {
        var (guesser, buyer) = ("192.0.2.11", "192.0.2.12");
        var (known, strange) = (await PlaceAsync(buyer), await PlaceAsync(buyer));
        Assert.That(await AskAsync(guesser, known), Is.EqualTo("OK"), "found, and so free");
        for (var guess = 0; guess < Unknown; guess++) Assert.That(await AskAsync(guesser, Guess()), Is.EqualTo("error0128"));
        Assert.That(await AskAsync(guesser, Guess()), Is.EqualTo("error0124"));
        Assert.That(await AskAsync(guesser, strange), Is.EqualTo("error0124"), "as if it were none");
        Assert.That(await AskAsync(guesser, known), Is.EqualTo("OK"), "somebody else behind the address may have bought it");
        Assert.That(await AskAsync(guesser, await PlaceAsync(guesser)), Is.EqualTo("OK"), "and somebody else behind it may buy now");
        Assert.That(await AskAsync(guesser, Call.Rules), Is.EqualTo("OK"));
        Assert.That(await AskAsync(guesser, Call.Check.With("payjs_order_id", Guess()).With("key", "wrong")), Is.EqualTo("error02"));

        Assert.That(await AskAsync(buyer, strange), Is.EqualTo("OK"));
        Assert.That(await AskAsync(buyer, Guess()), Is.EqualTo("error0128"));
    }

    [Test]
    public async Task Guesses_sent_all_at_once_count_as_those_sent_in_turn()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => AskAsync("192.0.2.21", Guess())));
        Assert.That(results.Count(r => r == "error0128"), Is.EqualTo(Unknown));
        Assert.That(results.Count(r => r == "error0124"), Is.EqualTo(40 - Unknown));
    }

    [Test]
    public async Task What_asks_no_database_is_no_guess()
    {
        const string address = "192.0.2.31";
        for (var call = 0; call < 3 * Unknown; call++)
        {
            Assert.That(await AskAsync(address, Call.Check.With("payjs_order_id", Guess()).With("key", "wrong")), Is.EqualTo("error02"));
            Assert.That(await AskAsync(address, Call.Check.With("payjs_order_id", "0")), Is.EqualTo("error06:payjs_order_id"));
        }
        Assert.That(await AskAsync(address, Guess()), Is.EqualTo("error0128"));
    }

    [Test]
    public async Task The_addresses_of_an_IPv6_network_guess_together()
    {
        for (var guess = 0; guess < Unknown; guess++) Assert.That(await AskAsync($"2001:db8::{guess}", Guess()), Is.EqualTo("error0128"));
        Assert.That(await AskAsync("2001:db8::99:1", Guess()), Is.EqualTo("error0124"));
        Assert.That(await AskAsync("2001:db8:0:1::1", Guess()), Is.EqualTo("error0128"));
    }

    /// <summary>Places an order from an address; returns the gateway's order id.</summary>
    private async Task<string> PlaceAsync(string address)
    {
        var id = $"20210506215107006570{Interlocked.Increment(ref _orders):00000}";
        Gateway.Answer = (_, form) => Task.FromResult(ScriptedGateway.Reply(form, id));
        Assert.That(await AskAsync(address, Call.CardTime), Is.EqualTo("OK"));
        return id;
    }

    // A new id each time, because unknown orders have buckets too.
    private static string Guess() => Guid.NewGuid().ToString("N");

    private Task<string> AskAsync(string address, string orderId) => AskAsync(address, Call.Check.With("payjs_order_id", orderId));

    private async Task<string> AskAsync(string address, Call call)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, TestServer.PluginPath + call) { Headers = { { "X-Forwarded-For", address } } };
        using var response = await Server.Http.SendAsync(request);
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["result"]!;
    }
}
