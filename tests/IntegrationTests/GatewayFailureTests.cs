using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>
/// However a call to the gateway fails: admins get 502 as problem+json, clients get error0020, and the log gets one line without a stack
/// trace. A failed call does not affect other calls.
/// </summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class GatewayFailureTests(DatabaseKind kind)
{
    private const string Head = "HTTP/1.1 200 OK";
    private const string Json = "Content-Type: application/json";

    private Shop _shop = null!;
    private BrokenGateway _broken = null!;
    private TestServer _server = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        _shop = await Shop.OpenAsync(kind, null, ("Payjs:ChecksPerSecond", "0"));
        _broken = BrokenGateway.Start();
        _server = Calling($"http://{_broken.EndPoint}/api");
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        await _server.DisposeAsync();
        await _broken.DisposeAsync();
        await _shop.DisposeAsync();
    }

    private static readonly Dictionary<string, Func<Socket, CancellationToken, Task>> Failures = new()
    {
        ["hangs up"] = (_, _) => Task.CompletedTask,
        ["resets the connection"] = (socket, _) =>
        {
            socket.LingerState = new LingerOption(true, 0);
            return Task.CompletedTask;
        },
        ["says nothing"] = (_, cancel) => Task.Delay(Timeout.Infinite, cancel),
        ["ends within the head"] = BrokenGateway.Send("HTTP/1.1 200"),
        ["ends within the body"] = BrokenGateway.Send(Head, Json, "Content-Length: 1000", "", "{\"return_code\":1"),
        ["ends within a chunk"] = BrokenGateway.Send(Head, Json, "Transfer-Encoding: chunked", "", "ff", "{\"return_code\":1"),
        ["has an odd chunk"] = BrokenGateway.Send(Head, Json, "Transfer-Encoding: chunked", "", "no number", "{}", "0", "", ""),
        ["stalls within the body"] = async (socket, cancel) =>
        {
            await BrokenGateway.Send(Head, Json, "Content-Length: 1000", "", "{")(socket, cancel);
            await Task.Delay(Timeout.Infinite, cancel);
        },
        ["is no HTTP"] = BrokenGateway.Send("220 mail.example.com ESMTP", "", ""),
        ["is too large"] = BrokenGateway.Send(Head, Json, "Content-Length: 70000", "", new string(' ', 70_000)),
        ["has a head too large"] = BrokenGateway.Send(Head, "X: " + new string('x', 100_000), "Content-Length: 2", "", "{}"),
        ["is no gzip"] = BrokenGateway.Send(Head, Json, "Content-Encoding: gzip", "Content-Length: 2", "", "{}"),
        ["is no brotli"] = BrokenGateway.Send(Head, Json, "Content-Encoding: br", "Content-Length: 2", "", "{}"),
        ["is in no charset"] = BrokenGateway.Send(Head, "Content-Type: application/json; charset=klingon", "Content-Length: 2", "", "{}"),
        ["is in UTF-7"] = BrokenGateway.Send(Head, "Content-Type: application/json; charset=utf-7", "Content-Length: 2", "", "{}"),
        ["is empty"] = BrokenGateway.Send(Head, Json, "Content-Length: 0", "", ""),
        ["is no content"] = BrokenGateway.Send("HTTP/1.1 204 No Content", "", ""),
        ["is no JSON"] = BrokenGateway.Send(Head, Json, "Content-Length: 4", "", "\u0000\u001b[2"),
        ["leads elsewhere"] = BrokenGateway.Send("HTTP/1.1 302 Found", "Location: https://example.com/", "Content-Length: 0", "", ""),
        ["is a server's error"] = BrokenGateway.Send("HTTP/1.1 500 Internal Server Error", "Content-Type: text/html", "Content-Length: 12", "", "<h1>500</h1>"),
        ["is a caller's error"] = BrokenGateway.Send("HTTP/1.1 405 Method Not Allowed", Json, "Content-Length: 16", "", "{\"message\":\"no\"}"),
    };

    private static IEnumerable<string> Names => Failures.Keys;

    [TestCaseSource(nameof(Names))]
    public async Task A_reply_that(string fails)
    {
        _broken.Do = Failures[fails];
        await EachCallIsLostAsync(_server);
    }

    // A closed port, an unknown host name, and a gateway without TLS.
    [TestCase("http://127.0.0.1:9/api")]
    [TestCase("http://gateway.invalid/api")]
    [TestCase("https://broken/api")]
    public async Task A_gateway_that_cannot_be_reached(string address)
    {
        _broken.Do = BrokenGateway.Send("HTTP/1.1 400 Bad Request", "", "");
        await using var server = Calling(address.Replace("broken", _broken.EndPoint, StringComparison.Ordinal));
        await EachCallIsLostAsync(server);
    }

    [Test]
    public async Task Orders_that_are_hung_up_on_harm_neither_other_orders_nor_other_calls()
    {
        await using var shop = await Shop.OpenAsync(kind, null, ("Payjs:ChecksPerSecond", "0"));
        var unpaid = await shop.BuyCreditsAsync();
        var usual = shop.Gateway.Answer;
        shop.Gateway.Answer = (call, form) => form.GetValueOrDefault("attach") == "evil" ? throw new ScriptedGateway.HangUpException() : call switch
        {
            "native" => usual(call, form),
            "info" => Task.FromResult(ScriptedGateway.Signed(new Dictionary<string, string> { ["name"] = "shop", ["return_code"] = "1" })),
            _ => Task.FromResult(ScriptedGateway.Signed(new Dictionary<string, string>
            {
                ["out_trade_no"] = unpaid.Number,
                ["payjs_order_id"] = form["payjs_order_id"],
                ["return_code"] = "1",
                ["status"] = "0",
            })),
        };
        var lost = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => shop.Server.PluginAsync($"&action=payjs_credit&credits=2&money=1&attach=evil&username=buyer&body=b&key={Shop.TransportKey}")));
        Assert.That(lost.Select(r => (string)r["result"]!), Is.All.EqualTo("error0020"));

        await shop.BuyCreditsAsync();
        Assert.That((await shop.Server.AdminAsync(HttpMethod.Post, "settings/merchant-trial")).Status, Is.EqualTo(HttpStatusCode.OK));
        var id = (await shop.OrderAsync(unpaid.Number)).Id;
        foreach (var act in new[] { "reconcile", "close" })
            Assert.That((await shop.Server.AdminAsync(HttpMethod.Post, $"orders/{id}/{act}")).Status, Is.EqualTo(HttpStatusCode.OK), act);
    }

    [Test]
    public async Task Questions_that_are_hung_up_on_harm_neither_orders_nor_other_questions()
    {
        await using var shop = await Shop.OpenAsync(kind, null, ("Payjs:ChecksPerSecond", "0"));
        var (evil, other) = (await shop.BuyCreditsAsync(), await shop.BuyCreditsAsync());
        var usual = shop.Gateway.Answer;
        shop.Gateway.Answer = (call, form) => call == "native" ? usual(call, form)
            : form["payjs_order_id"] == evil.GatewayOrderId ? throw new ScriptedGateway.HangUpException()
            : Task.FromResult(ScriptedGateway.Signed(new Dictionary<string, string>
            {
                ["out_trade_no"] = other.Number,
                ["payjs_order_id"] = other.GatewayOrderId,
                ["return_code"] = "1",
                ["status"] = "0",
            }));
        var (evilId, otherId) = ((await shop.OrderAsync(evil.Number)).Id, (await shop.OrderAsync(other.Number)).Id);
        var lost = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => shop.Server.AdminAsync(HttpMethod.Post, $"orders/{evilId}/reconcile")));
        Assert.That(lost.Select(r => r.Status), Is.All.EqualTo(HttpStatusCode.BadGateway));
        await shop.BuyCreditsAsync();
        Assert.That((await shop.Server.AdminAsync(HttpMethod.Post, $"orders/{otherId}/reconcile")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    // As a browser sends them. No Accept header turns an error into a page.
    [TestCase("text/html,application/xhtml+xml")]
    [TestCase("text/plain")]
    [TestCase("*/*")]
    public async Task An_admin_is_told_in_JSON_whatever_he_accepts(string accept)
    {
        _broken.Do = Failures["hangs up"];
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/admin/settings/merchant-trial");
        request.Headers.Authorization = new("Bearer", TestServer.AdminKey);
        request.Headers.Add("Accept", accept);
        using var response = await _server.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((response.StatusCode, response.Content.Headers.ContentType?.MediaType), Is.EqualTo((HttpStatusCode.BadGateway, "application/problem+json")), text);
        Assert.That((string?)JsonNode.Parse(text)!["title"], Is.EqualTo("GatewayFailed"));
    }

    private TestServer Calling(string gateway) =>
        TestServer.Start(_shop.Database, new Uri(gateway), null, ("Payjs:ChecksPerSecond", "0"), ("Payjs:AllowHttp", "true"));

    /// <summary>Makes each of the five calls to a failing gateway, concurrently, since some failures take long.</summary>
    private async Task EachCallIsLostAsync(TestServer server)
    {
        var pending = await _shop.OrderAsync((await _shop.BuyCreditsAsync()).Number);
        var bought = await _shop.BuyCreditsAsync();
        await _shop.Server.NotifyAsync(bought.Notice());
        var paid = await _shop.OrderAsync(bought.Number);
        var logged = server.Log.Entries.Count;

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var order = server.Http.GetStringAsync($"{TestServer.PluginPath}&action=payjs_credit&credits=2&money=1&username=buyer&body=b&key={Shop.TransportKey}", patience.Token);
        var acts = new[] { $"orders/{pending.Id}/reconcile", $"orders/{pending.Id}/close", $"orders/{paid.Id}/refund", "settings/merchant-trial" }
            .ToDictionary(act => act, act => ActAsync(server, act, patience.Token));
        Assert.That((string?)JsonNode.Parse(await order)!["result"], Is.EqualTo("error0020"));
        foreach (var (act, task) in acts)
        {
            var (status, type, text) = await task;
            Assert.That((status, type), Is.EqualTo((HttpStatusCode.BadGateway, "application/problem+json")), $"{act}: {text}");
            Assert.That((string?)JsonNode.Parse(text)!["title"], Is.EqualTo("GatewayFailed"), act);
            Assert.That(text, Does.Not.Contain("   at "), act);
        }

        var entries = server.Log.Entries.Skip(logged).ToList();
        var warnings = entries.Where(e => e.Level >= LogLevel.Warning).Select(e => e.Text.TrimEnd()).ToList();
        Assert.That(warnings, Has.Count.EqualTo(5), string.Join('\n', warnings));
        Assert.That(warnings, Is.All.Match("^[^\\n]*LoggingBehavior[^\\n]* refused after [^\\n]*GatewayFailed: [^\\n]*\\z"));
        Assert.That(entries.Where(e => e.Exception is not null).Select(e => e.Text), Is.Empty);
    }

    private static async Task<(HttpStatusCode Status, string? Type, string Text)> ActAsync(TestServer server, string act, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/admin/" + act);
        request.Headers.Authorization = new("Bearer", TestServer.AdminKey);
        if (act.EndsWith("refund", StringComparison.Ordinal)) request.Content = new StringContent("{\"reason\":\"r\"}", Encoding.UTF8, "application/json");
        using var response = await server.Http.SendAsync(request, cancellationToken);
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(cancellationToken));
    }
}
