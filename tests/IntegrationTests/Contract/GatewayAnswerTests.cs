using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Domain.Orders;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>The gateway's answers to an order: refusals pass through, and untrustworthy answers become error0020.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class GatewayAnswerTests(DatabaseKind kind) : PluginFixture(kind)
{
    private const string GatewayOrderId = "2021050621510700657050744";

    private Func<string, Dictionary<string, string>, Task<string>> _usual = null!;

    /// <summary>An answer that must not be trusted.</summary>
    public sealed record Answer(string What, Func<Dictionary<string, string>, string> Text)
    {
        public override string ToString() => What;
    }

    private static IEnumerable<Answer> Unbelievable()
    {
        yield return new("nothing", _ => "");
        yield return new("a page", _ => "<html>502 Bad Gateway</html>");
        yield return new("a list", _ => "[]");
        yield return new("an empty object", _ => "{}");
        yield return new("null", _ => "null");
        yield return new("a broken object", form => ScriptedGateway.Reply(form, GatewayOrderId)[..^20]);
        yield return new("a deep object", _ => string.Concat(Enumerable.Repeat("{\"a\":", 1000)));
        yield return new("return_code null", _ => """{"return_code":null,"return_msg":"SUCCESS"}""");
        yield return new("return_code only", _ => """{"return_code":1}""");
        yield return new("unsigned", form => Changed(form, reply => reply.Remove("sign"), signed: false));
        yield return new("an empty signature", form => Changed(form, reply => reply["sign"] = "", signed: false));
        yield return new("signed by another key", form => ScriptedGateway.Reply(form, GatewayOrderId, key: "AnotherKey000001"));
        yield return new("changed after signing", form => Changed(form, reply => reply["code_url"] = "weixin://wxpay/bizpayurl?pr=other", signed: false));
        yield return new("another amount", form => Changed(form, reply => reply["total_fee"] = "1"));
        yield return new("an amount that is none", form => Changed(form, reply => reply["total_fee"] = "1e2"));
        yield return new("no amount", form => Changed(form, reply => reply.Remove("total_fee")));
        yield return new("another number", form => Changed(form, reply => reply["out_trade_no"] = "20210506215111590505"));
        yield return new("no number", form => Changed(form, reply => reply.Remove("out_trade_no")));
        yield return new("no code", form => Changed(form, reply => reply.Remove("code_url")));
        yield return new("no QR code", form => Changed(form, reply => reply["qrcode"] = ""));
        yield return new("no gateway id", form => Changed(form, reply => reply.Remove("payjs_order_id")));
        // The gateway's ids have at most 32 characters.
        yield return new("a long gateway id", form => Changed(form, reply => reply["payjs_order_id"] = new string('2', 33)));
        yield return new("a server error", _ => throw new InvalidOperationException("the script answers 500"));
    }

    [SetUp]
    public void RememberTheUsualAnswer() => _usual = Gateway.Answer;

    [TearDown]
    public void AnswerAsUsual() => Gateway.Answer = _usual;

    [TestCaseSource(nameof(Unbelievable))]
    public async Task An_answer_that_cannot_be_believed_is_error0020_and_the_order_stays_pending(Answer answer)
    {
        Gateway.Answer = (_, form) => Task.FromResult(answer.Text(form));
        Gateway.Requests.Clear();
        var before = await CountOrdersAsync();
        await AssertErrorAsync(Call.Credit, 400, "error0020");
        // One call for JSON and one for XML, without a retry: a second call could create a second order.
        Assert.That(Gateway.Requests, Has.Count.EqualTo(2));
        Assert.That(await CountOrdersAsync(), Is.EqualTo(before + 2));
        await AssertPendingAndOutOfSightAsync();
    }

    [Test]
    public async Task A_gateway_that_is_down_is_error0020_and_a_late_notice_still_fulfils_the_order()
    {
        await using var server = TestServer.Start(Database, gateway: null, clock: null, ("Payjs:BaseUrl", $"http://127.0.0.1:{FreePort.Next()}/api"));
        foreach (var call in new[] { Call.Credit, Call.CardTime, Call.Kami })
        {
            await AssertErrorAsync(server, call, 400, "error0020");
            await AssertPendingAndOutOfSightAsync();
        }

        var order = await NewestOrderAsync();
        var id = GatewayOrderId + "1";
        var (status, text) = await Server.NotifyAsync(ScriptedGateway.Notice(order.Number, id, order.AmountFen));
        Assert.That((status, text), Is.EqualTo((HttpStatusCode.OK, "success")));
        Assert.That((string)(await SucceedAsync(Call.Check.With("payjs_order_id", id), 14))["status"]!, Is.EqualTo("2"));
    }

    [TestCase("""{"return_code":0,"return_msg":"签名错误"}""", """\u7b7e\u540d\u9519\u8bef""", "签名错误")]
    [TestCase("""{"return_code":0,"msg":"订单标题错误"}""", """\u8ba2\u5355\u6807\u9898\u9519\u8bef""", "订单标题错误")]
    [TestCase("""{"return_code":0,"return_msg":"this","msg":"that"}""", "this", "this")]
    [TestCase("""{"return_code":"0","return_msg":"as text"}""", "as text", "as text")]
    [TestCase("""{"return_code":0}""", "", "")]
    [TestCase("""{"return_code":0,"return_msg":"<b>\"a\" & 'b'\\/</b>"}""", """\u003cb\u003e\"a\" & 'b'\\/\u003c/b\u003e""", """&lt;b&gt;"a" &amp; 'b'\/&lt;/b&gt;""")]
    public async Task The_gateways_refusal_passes_through(string refusal, string json, string xml)
    {
        Gateway.Answer = (_, _) => Task.FromResult(refusal);
        foreach (var call in new[] { Call.Credit, Call.CardTime, Call.Kami })
        {
            AssertReply(await Server.PluginTextAsync(call.ToString()),
                """{"code":200,"result":"OK","count":1,"data":{"return_code":0,"return_msg":"REASON"}""".Replace("REASON", json, StringComparison.Ordinal), xml: false);
            AssertReply(await Server.PluginTextAsync(call + "&output=Xml"),
                $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root><code>200</code><result>OK</result><count>1</count><data><return_code>0</return_code><return_msg>{xml}</return_msg></data>", xml: true);
            var order = await NewestOrderAsync();
            Assert.That((order.Status, order.GatewayOrderId), Is.EqualTo((OrderStatus.Closed, (string?)null)));
        }
    }

    [TestCase("alipay", "alipay")]
    [TestCase("", null)]
    [TestCase("weixin", null)]
    [TestCase("alipay2", null)]
    public async Task Only_type_alipay_reaches_the_gateway(string type, string? sent)
    {
        foreach (var call in new[] { Call.Credit, Call.CardTime, Call.Kami })
        {
            Gateway.Requests.Clear();
            await SucceedAsync(call.With("type", type), 1);
            Assert.That(Gateway.Requests.Single().Form.GetValueOrDefault("type"), Is.EqualTo(sent));
        }
    }

    private static string Changed(Dictionary<string, string> form, Action<JsonObject> change, bool signed = true)
    {
        var reply = JsonNode.Parse(ScriptedGateway.Reply(form, GatewayOrderId))!.AsObject();
        change(reply);
        return signed
            ? ScriptedGateway.Signed(reply.Where(m => m.Key != "sign").Select(m => KeyValuePair.Create(m.Key, m.Value!.ToString())))
            : reply.ToJsonString();
    }

    private async Task AssertPendingAndOutOfSightAsync()
    {
        var order = await NewestOrderAsync();
        Assert.That((order.Status, order.GatewayOrderId, order.PaidAt), Is.EqualTo((OrderStatus.Pending, (string?)null, (DateTimeOffset?)null)));
        var listed = (await SucceedAsync(Call.Paid, await Server.WithDbAsync(db => db.Orders.CountAsync(o => o.Uid == 1 && o.Status == OrderStatus.Fulfilled)))).AsArray();
        Assert.That(listed.Select(row => (string)row!["id"]!), Has.None.EqualTo(order.Id.ToString(null, null)));
        await AssertErrorAsync(Call.Check.With("payjs_order_id", order.Number), 400, "error0128");
        await AssertErrorAsync(Call.Check.With("payjs_order_id", GatewayOrderId), 400, "error0128");
    }
}
