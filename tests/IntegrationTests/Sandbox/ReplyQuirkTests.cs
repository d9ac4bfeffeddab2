using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.IntegrationTests.Support;
using PayRecharge.Sandbox;

namespace PayRecharge.IntegrationTests.Sandbox;

internal sealed class ReplyQuirkTests : SandboxFixture
{
    private const string Path = "/sandbox/payjs/quirks";
    private static readonly string[] Some = ["check", "close"];

    private FakeTimeProvider clock = null!;

    protected override TimeProvider Clock => clock = new FakeTimeProvider();

    private static bool IsSigned(JsonObject reply) => (string?)reply["sign"] == Signature.Of(reply, "sandbox-key");

    [Test]
    public async Task Nothing_by_default()
    {
        Assert.That(
            await Sandbox.Client.GetStringAsync(Path),
            Is.EqualTo("""{"notifyDelaySeconds":0,"notifyCopies":1,"notifyReorder":false,"notifyDropPercent":0,"notifyForge":"none","notifyIgnoresStatus":false,"replyDelayMilliseconds":0,"replyMode":"normal","replyEndpoints":null}"""));
    }

    [Test]
    public async Task Putting_replaces_all()
    {
        await Sandbox.QuirksAsync(new { notifyCopies = 3, replyEndpoints = Some });
        await Sandbox.QuirksAsync(new { notifyDelaySeconds = 5 });
        var quirks = await Sandbox.Client.GetFromJsonAsync<JsonObject>(Path);

        Assert.That((int?)quirks!["notifyCopies"], Is.EqualTo(1));
        Assert.That(quirks["replyEndpoints"], Is.Null);
        Assert.That((int?)quirks["notifyDelaySeconds"], Is.EqualTo(5));
    }

    [TestCase("""{"notifyCopy":2}""")]
    [TestCase("""{"notifyCopies":0}""")]
    [TestCase("""{"notifyCopies":21}""")]
    [TestCase("""{"notifyDropPercent":101}""")]
    [TestCase("""{"notifyDelaySeconds":-1}""")]
    [TestCase("""{"replyDelayMilliseconds":-1}""")]
    [TestCase("""{"replyMode":"odd"}""")]
    [TestCase("""{"replyMode":1}""")]
    [TestCase("""{"replyEndpoints":["cashier"]}""")]
    [TestCase("null")]
    [TestCase("{")]
    public async Task What_is_not_understood_is_refused_and_changes_nothing(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Sandbox.Client.PutAsync(Path, content);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((int?)(await Sandbox.Client.GetFromJsonAsync<JsonObject>(Path))!["notifyCopies"], Is.EqualTo(1));
    }

    [Test]
    public async Task Delay_holds_the_reply_but_not_the_order()
    {
        await Sandbox.QuirksAsync(new { replyDelayMilliseconds = 5000 });
        var before = clock.GetUtcNow();
        var call = Sandbox.CallAsync("native", Sandbox.Native());
        await SandboxHost.UntilAsync(async () => (await Sandbox.OrdersAsync()).Count == 1);
        await SandboxHost.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(call.IsCompleted);
        });

        Assert.That(clock.GetUtcNow() - before, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(IsSigned(await call));
    }

    [Test]
    public async Task Wrong_sign()
    {
        await Sandbox.QuirksAsync(new { replyMode = "wrongSign" });
        var reply = await Sandbox.CallAsync("native", Sandbox.Native());
        Assert.That((string?)reply["sign"], Does.Match("^[0-9A-F]{32}$"));
        Assert.That(IsSigned(reply), Is.False);
    }

    [Test]
    public async Task Unsigned()
    {
        await Sandbox.QuirksAsync(new { replyMode = "unsigned" });
        var reply = await Sandbox.CallAsync("native", Sandbox.Native());
        Assert.That((int?)reply["return_code"], Is.EqualTo(1));
        Assert.That(reply.ContainsKey("sign"), Is.False);
    }

    [Test]
    public async Task Another_amount_properly_signed()
    {
        var id = await Sandbox.OrderAsync();
        await Sandbox.QuirksAsync(new { replyMode = "otherAmount" });
        var check = await Sandbox.CallAsync("check", id);
        var native = await Sandbox.CallAsync("native", Sandbox.Native());

        Assert.That((int?)check["total_fee"], Is.EqualTo(1991));
        Assert.That((string?)native["total_fee"], Is.EqualTo("19901"));
        Assert.That(IsSigned(check) && IsSigned(native));
    }

    [Test]
    public async Task Another_number_properly_signed()
    {
        var id = await Sandbox.OrderAsync();
        await Sandbox.QuirksAsync(new { replyMode = "otherNumber" });
        var check = await Sandbox.CallAsync("check", id);
        var close = await Sandbox.CallAsync("close", id);

        Assert.That((string?)check["out_trade_no"], Is.EqualTo("CZ11"));
        Assert.That((string?)close["payjs_order_id"], Is.EqualTo($"{id}1"));
        Assert.That(IsSigned(check) && IsSigned(close));
    }

    [Test]
    public async Task Empty_object()
    {
        await Sandbox.QuirksAsync(new { replyMode = "emptyObject" });
        Assert.That(await Sandbox.TextAsync("native", Sandbox.Native()), Is.EqualTo("{}"));
    }

    [Test]
    public async Task Garbage()
    {
        await Sandbox.QuirksAsync(new { replyMode = "garbage" });
        Assert.That(() => Sandbox.CallAsync("native", Sandbox.Native()), Throws.InstanceOf<JsonException>());
    }

    [Test]
    public async Task Html_500()
    {
        await Sandbox.QuirksAsync(new { replyMode = "html500" });
        using var response = await Sandbox.PostAsync("native", Sandbox.Native());
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
    }

    [Test]
    public async Task Cut_connection_after_the_order_was_made()
    {
        await Sandbox.QuirksAsync(new { replyMode = "cutConnection" });
        Assert.That(() => Sandbox.TextAsync("native", Sandbox.Native()), Throws.InstanceOf<HttpRequestException>());
        Assert.That(await Sandbox.OrdersAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Silence_until_the_client_goes_away()
    {
        await Sandbox.QuirksAsync(new { replyMode = "silent" });
        using var gone = new CancellationTokenSource();
        using var content = new FormUrlEncodedContent(Sandbox.Signed(Sandbox.Native()));
        var call = Sandbox.Client.PostAsync("/sandbox/payjs/api/native", content, gone.Token);
        await SandboxHost.UntilAsync(async () => (await Sandbox.OrdersAsync()).Count == 1);

        Assert.That(call.IsCompleted, Is.False);
        await gone.CancelAsync();
        Assert.That(() => call, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Silence_does_not_hold_up_the_host_s_end()
    {
        await Sandbox.QuirksAsync(new { replyMode = "silent" });
        var call = Sandbox.TextAsync("native", Sandbox.Native());
        await SandboxHost.UntilAsync(async () => (await Sandbox.OrdersAsync()).Count == 1);

        await Sandbox.StopAsync().WaitAsync(Eventually.Patience);
        Assert.That(() => call, Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task Only_the_calls_named()
    {
        await Sandbox.QuirksAsync(new { replyMode = "emptyObject", replyEndpoints = Some });
        var id = await Sandbox.OrderAsync();
        Assert.That(await Sandbox.CallAsync("check", id), Is.Empty);
        Assert.That(await Sandbox.CallAsync("close", id), Is.Empty);
        Assert.That(await Sandbox.CallAsync("reverse", id), Is.Not.Empty);
    }
}
