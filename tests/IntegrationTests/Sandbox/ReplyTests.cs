using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PayRecharge.Sandbox;

namespace PayRecharge.IntegrationTests.Sandbox;

/// <summary>Compares raw text: some clients depend on the members' order.</summary>
internal sealed class ReplyTests : SandboxFixture
{
    private static void AssertReply(string text, string pattern)
    {
        Assert.That(text, Does.Match($"^{pattern}$"));
        var reply = JsonNode.Parse(text)!.AsObject();
        if (reply.ContainsKey("sign"))
            Assert.That((string?)reply["sign"], Is.EqualTo(Signature.Of(reply, "sandbox-key")));
    }

    private Task<string> TextAsync(string call, string id) => Sandbox.TextAsync(call, new() { ["payjs_order_id"] = id });

    [Test]
    public async Task Native()
    {
        var at = Regex.Escape(Sandbox.Client.BaseAddress!.ToString());
        AssertReply(
            await Sandbox.TextAsync("native", Sandbox.Native()),
            $$"""{"code_url":"{{at}}sandbox/p/[A-Za-z0-9]{6}","out_trade_no":"CZ1","payjs_order_id":"\d{25}","qrcode":"{{at}}sandbox/qrcode/[A-Za-z0-9+/]+=*","return_code":1,"return_msg":"SUCCESS","total_fee":"1990","sign":"[0-9A-F]{32}"}""");
    }

    [Test]
    public async Task Check_of_an_unpaid_order()
    {
        var id = await Sandbox.OrderAsync();
        AssertReply(
            await TextAsync("check", id),
            $$"""{"attach":null,"bank":null,"mchid":"1600000001","openid":"0","out_trade_no":"CZ1","paid":0,"paid_time":"0","payjs_order_id":"{{id}}","return_code":1,"status":0,"total_fee":1990,"transaction_id":"0","sign":"[0-9A-F]{32}"}""");
    }

    [Test]
    public async Task Check_of_a_paid_order()
    {
        var fields = Sandbox.Native();
        fields["attach"] = "0";
        var id = await Sandbox.OrderAsync(fields);
        using var paid = await Sandbox.PayAsync(id);
        AssertReply(
            await TextAsync("check", id),
            $$"""{"attach":"0","bank":"OTHERS","mchid":"1600000001","openid":"oSandbox\w{20}","out_trade_no":"CZ1","paid":1,"paid_time":"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d","payjs_order_id":"{{id}}","return_code":1,"status":1,"total_fee":1990,"transaction_id":"4200\d{24}","sign":"[0-9A-F]{32}"}""");
    }

    [Test]
    public async Task Close_once_and_only_unpaid()
    {
        var id = await Sandbox.OrderAsync();
        AssertReply(await TextAsync("close", id), $$"""{"payjs_order_id":"{{id}}","return_code":1,"return_msg":"关闭成功","sign":"[0-9A-F]{32}"}""");
        Assert.That((string?)(await Sandbox.CallAsync("close", id))["return_msg"], Is.EqualTo("订单已关闭"));
        Assert.That((string?)(await Sandbox.CallAsync("close", await Sandbox.PaidOrderAsync()))["return_msg"], Is.EqualTo("订单已支付"));
    }

    [Test]
    public async Task Refund_once_and_again_without_signature()
    {
        var id = await Sandbox.PaidOrderAsync();
        AssertReply(
            await TextAsync("refund", id),
            $$"""{"out_trade_no":"CZ1","payjs_order_id":"{{id}}","return_code":1,"return_msg":"退款成功","transaction_id":"4200\d{24}","sign":"[0-9A-F]{32}"}""");
        AssertReply(await TextAsync("refund", id), $$"""{"payjs_order_id":"{{id}}","refund":"1","return_code":1,"return_msg":"退款成功"}""");
        Assert.That((string?)(await Sandbox.CallAsync("refund", await Sandbox.OrderAsync()))["return_msg"], Is.EqualTo("订单未支付"));
    }

    [Test]
    public async Task Reverse_refunds_the_paid_and_closes_the_unpaid()
    {
        var paid = await Sandbox.PaidOrderAsync();
        var unpaid = await Sandbox.OrderAsync();
        foreach (var id in new[] { paid, unpaid })
            AssertReply(await TextAsync("reverse", id), $$"""{"payjs_order_id":"{{id}}","return_code":1,"return_msg":"撤销成功","sign":"[0-9A-F]{32}"}""");

        var states = (await Sandbox.OrdersAsync()).Select(order => (string?)order!["state"]);
        Assert.That(string.Join(' ', states), Is.EqualTo("closed refunded"));
    }

    [Test]
    public async Task Info() => AssertReply(
        await Sandbox.TextAsync("info", new() { ["mchid"] = "1600000001" }),
        """{"doudou":\d+,"jsapi_path":"http[^"]+","name":"[^"]+","phone":"\d+","return_code":1,"return_msg":"SUCCESS","sign":"[0-9A-F]{32}"}""");

    [TestCase("check")]
    [TestCase("close")]
    [TestCase("refund")]
    [TestCase("reverse")]
    public async Task An_unknown_order_is_refused_unsigned(string call)
    {
        AssertReply(await TextAsync(call, "2024022923595900123456789"), """{"msg":"订单号错误","return_code":0,"return_msg":"订单号错误","status":0}""");
        Assert.That((string?)(await Sandbox.CallAsync(call, ""))["return_msg"], Is.EqualTo("payjs_order_id 不能为空"));
    }

    // PAYJS promises these lengths, and shops have columns of that width.
    [Test]
    public async Task The_code_and_its_picture_fit_their_columns_even_where_the_host_has_a_long_name()
    {
        const string LongHost = "sandbox-of-the-shop.example.ne";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sandbox/payjs/api/native") { Content = new FormUrlEncodedContent(Sandbox.Signed(Sandbox.Native())) };
        request.Headers.Host = LongHost;
        using var response = await Sandbox.Client.SendAsync(request);
        var reply = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        var (code, picture) = ((string)reply["code_url"]!, (string)reply["qrcode"]!);
        Assert.That(code, Does.StartWith($"http://{LongHost}/").And.Length.AtMost(64));
        Assert.That(picture, Does.StartWith($"http://{LongHost}/").And.Length.AtMost(128));
        Assert.That(picture.Split("/qrcode/")[1], Is.EqualTo(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(code))));
    }

    [Test]
    public async Task The_picture_is_a_png_of_the_code()
    {
        var reply = await Sandbox.CallAsync("native", Sandbox.Native());
        using var response = await Sandbox.Client.GetAsync((string)reply["qrcode"]!);
        var png = await response.Content.ReadAsByteArrayAsync();

        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("image/png"));
        // PNG specification, 5.2: the signature at the start of every file; 12.11: the chunk at its end.
        Assert.That(png.Take(8), Is.EqualTo(new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A }));
        Assert.That(png.TakeLast(8).Take(4), Is.EqualTo("IEND"u8.ToArray()));
        Assert.That(Convert.FromBase64String(((string)reply["qrcode"]!).Split("/qrcode/")[1]), Is.EqualTo(((string)reply["code_url"]!).Select(c => (byte)c)));
    }

    // The second and third have slashes in their Base64, the fourth has padding.
    [TestCase("weixin://wxpay/bizpayurl?pr=c60Vl0W00")]
    [TestCase("aa?")]
    [TestCase("a?\uFFFFa")]
    [TestCase("a")]
    public async Task Any_base64_may_name_a_picture(string text)
    {
        var name = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
        foreach (var written in new[] { name, Uri.EscapeDataString(name) })
        {
            using var response = await Sandbox.Client.GetAsync($"/sandbox/qrcode/{written}");
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), written);
        }
    }

    [TestCase("not*base64")]
    [TestCase("")]
    public async Task Anything_else_names_none(string name)
    {
        using var response = await Sandbox.Client.GetAsync($"/sandbox/qrcode/{name}");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }
}
