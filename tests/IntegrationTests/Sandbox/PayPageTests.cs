using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PayRecharge.IntegrationTests.Sandbox;

internal sealed class PayPageTests : SandboxFixture
{
    private static string Page(string id) => $"/sandbox/payjs/orders/{id}";

    private async Task<HttpResponseMessage> PayAsBrowserAsync(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Page(id)}/pay");
        request.Headers.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");
        return await Sandbox.Client.SendAsync(request);
    }

    [Test]
    public async Task Shows_the_order_and_encodes_what_the_merchant_sent()
    {
        var fields = Sandbox.Native();
        fields["body"] = "<script>alert('x')</script>\"&充值";
        fields["out_trade_no"] = "<b>\"'&";
        var html = await Sandbox.Client.GetStringAsync(Page(await Sandbox.OrderAsync(fields)));

        Assert.That(html, Does.Contain("<h1>&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&quot;&amp;充值</h1>"));
        Assert.That(html, Does.Contain("&lt;b&gt;&quot;&#x27;&amp;"));
        Assert.That(html, Does.Contain("</small>19.90<"));
        Assert.That(html, Does.Contain("<button"));
        Assert.That(html, Does.Not.Contain("<script"));
        Assert.That(html, Does.Not.Match("(src|href)="));
    }

    [Test]
    public async Task The_code_leads_to_the_page_of_its_order()
    {
        var placed = await Sandbox.CallAsync("native", Sandbox.Native());
        await Sandbox.OrderAsync();
        var html = await Sandbox.Client.GetStringAsync((string)placed["code_url"]!);

        Assert.That(html, Is.EqualTo(await Sandbox.Client.GetStringAsync(Page((string)placed["payjs_order_id"]!))));
        Assert.That(html, Does.Contain($"action=\"{Page((string)placed["payjs_order_id"]!)}/pay\""));
        using var unknown = await Sandbox.Client.GetAsync("/sandbox/p/------");
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Its_policy_allows_its_own_style_and_nothing_else()
    {
        using var response = await Sandbox.Client.GetAsync(Page(await Sandbox.OrderAsync()));
        var style = Regex.Match(await response.Content.ReadAsStringAsync(), "<style>(.*?)</style>", RegexOptions.Singleline).Groups[1].Value;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));

        Assert.That(response.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/html; charset=utf-8"));
        Assert.That(
            response.Headers.GetValues("Content-Security-Policy").Single(),
            Is.EqualTo($"default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"));
    }

    [Test]
    public async Task A_browser_is_led_back_to_the_page()
    {
        var id = await Sandbox.OrderAsync();
        using var response = await PayAsBrowserAsync(id);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.SeeOther));
        Assert.That(response.Headers.Location!.ToString(), Is.EqualTo(Page(id)));
        var html = await Sandbox.Client.GetStringAsync(response.Headers.Location);
        Assert.That(html, Does.Contain("支付成功"));
        Assert.That(html, Does.Not.Contain("<button"));
    }

    [Test]
    public async Task Paying_twice_is_one_payment()
    {
        var id = await Sandbox.OrderAsync();
        using var first = await Sandbox.PayAsync(id);
        var before = await Sandbox.CallAsync("check", id);
        using var second = await Sandbox.PayAsync(id);

        Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((string?)(await second.Content.ReadFromJsonAsync<JsonObject>())!["state"], Is.EqualTo("paid"));
        Assert.That((await Sandbox.CallAsync("check", id)).ToJsonString(), Is.EqualTo(before.ToJsonString()));
    }

    [Test]
    public async Task A_closed_or_refunded_order_is_not_paid()
    {
        var closed = await Sandbox.OrderAsync();
        await Sandbox.CallAsync("close", closed);
        var refunded = await Sandbox.PaidOrderAsync();
        await Sandbox.CallAsync("refund", refunded);

        foreach (var id in new[] { closed, refunded })
        {
            using var plain = await Sandbox.PayAsync(id);
            using var browser = await PayAsBrowserAsync(id);
            Assert.That(plain.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(browser.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(browser.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
        }
    }

    [Test]
    public async Task An_unknown_order_is_not_found()
    {
        using var page = await Sandbox.Client.GetAsync(Page("1"));
        using var pay = await Sandbox.PayAsync("1");
        using var notify = await Sandbox.Client.PostAsync($"{Page("1")}/notify", null);

        foreach (var response in new[] { page, pay, notify })
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task The_list_has_the_newest_first_and_no_key()
    {
        var older = await Sandbox.OrderAsync();
        var newer = await Sandbox.OrderAsync();
        var text = await Sandbox.Client.GetStringAsync("/sandbox/payjs/orders");

        var ids = JsonNode.Parse(text)!.AsArray().Select(order => (string)order!["payjs_order_id"]!);
        Assert.That(string.Join(' ', ids), Is.EqualTo($"{newer} {older}"));
        Assert.That(text, Does.Not.Contain("sandbox-key"));
    }
}
