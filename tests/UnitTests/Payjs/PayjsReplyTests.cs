using System.Text.Json;
using CsCheck;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Infrastructure.Payjs;
using PayRecharge.UnitTests.Support;

namespace PayRecharge.UnitTests.Payjs;

internal sealed class PayjsReplyTests
{
    [Test]
    public void Members_are_text_as_they_are_signed()
    {
        var reply = PayjsReply.Parse("""
            {"return_code":1,"total_fee":1000000,"openid":"0","paid":0,"bank":null,"big":12345678901234567890,"exact":1.50,"yes":true,"no":false,
             "attach":"用户\u0026\ud83d\ude00","empty":"","jsapi":{"timeStamp":"1","package":{"a":2}},"list":["x",{"y":3}]}
            """);

        Assert.That(reply.Fields, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["return_code"] = "1",
            ["total_fee"] = "1000000",
            ["openid"] = "0",
            ["paid"] = "0",
            ["big"] = "12345678901234567890",
            ["exact"] = "1.50",
            ["yes"] = "1",
            ["no"] = "0",
            ["attach"] = "用户&😀",
            ["empty"] = "",
        }), "what is nested is no value");
    }

    [TestCase("""{"return_code":1,"total_fee":5,"total_fee":5}""")]
    [TestCase("""{"return_code":1,"total_fee":5,"total_fee":null}""")]
    [TestCase("""{"return_code":1,"total_fee":null,"total_fee":5}""")]
    [TestCase("""{"return_code":1,"total_fee":{},"total_fee":5}""")]
    [TestCase("""{"return_code":0,"return_code":1}""")]
    [TestCase("""{"return_code":1,"total_fee":5,"total\u005ffee":5}""", Description = "the same name, spelled otherwise")]
    [TestCase("""{"return_code":1,"a[b]":1}""")]
    [TestCase("""{"return_code":1,"":1}""")]
    [TestCase("""{"return_code":1,"a&b":1}""")]
    [TestCase("""{"return_code":1,"a=b":1}""")]
    [TestCase("""{"return_code":1,"金额":1}""")]
    public void A_doubled_member_and_an_odd_name_are_the_gateways_failure(string reply) => Assert.That(() => PayjsReply.Parse(reply), Refuses.With(Refusal.GatewayFailed));

    private static readonly Merchant Ours = new("payjs", "1600000001", "SandboxKey012345");

    [TestCase("attach", true)]
    [TestCase("bank", false)]
    [TestCase("out_trade_no", false)]
    public void Only_the_buyers_own_text_may_hold_several_fields(string name, bool believed)
    {
        var reply = Signed(new() { ["return_code"] = "1", [name] = "a&b=c" });
        if (believed) Assert.That(reply.SignedBy([Ours], []), Is.SameAs(reply));
        else Assert.That(() => reply.SignedBy([Ours], []), Refuses.With(Refusal.GatewayFailed));
    }

    [Test]
    public void A_required_field_must_be_there_and_ids_have_a_length()
    {
        Assert.That(() => Signed(new() { ["return_code"] = "1" }).SignedBy([Ours], ["mchid"]), Refuses.With(Refusal.GatewayFailed));
        Assert.That(() => Signed(new() { ["return_code"] = "1", ["mchid"] = "" }).SignedBy([Ours], ["mchid"]), Refuses.With(Refusal.GatewayFailed));
        Assert.That(() => Signed(new() { ["return_code"] = "1", ["mchid"] = "1" }).SignedBy([Ours], ["mchid"]), Throws.Nothing);
        Assert.That(() => Signed(new() { ["return_code"] = "1", ["payjs_order_id"] = new string('1', 33) }).SignedBy([Ours], []), Refuses.With(Refusal.GatewayFailed));
        Assert.That(() => Signed(new() { ["return_code"] = "1", ["transaction_id"] = new string('1', 65) }).SignedBy([Ours], []), Refuses.With(Refusal.GatewayFailed));
    }

    // The signed text can be split in many ways. All but one of them are refused.
    [Test]
    public void However_a_reply_is_regrouped_it_says_the_same_or_nothing()
    {
        string[] bricks =
        [
            "x", "=", "attach=", "a=1", "bank=1", "mchid=1600000001", "out_trade_no=BIG", "paid_time=2024-03-01 00:00:42", "payjs_order_id=9", "return_code=1",
            "status=1", "total_fee=1000000", "transaction_id=4200", "zzz=",
        ];
        string[] required = ["mchid", "out_trade_no", "payjs_order_id", "total_fee", "transaction_id", "paid_time"];
        Gen.Select(Gen.OneOf(bricks).Array[1, 12], Gen.Bool.Array[24]).Sample((attach, isBoundary) =>
        {
            var genuine = new Dictionary<string, string>
            {
                ["attach"] = string.Join('&', attach),
                ["mchid"] = Ours.Id,
                ["out_trade_no"] = "SMALL",
                ["paid_time"] = "0",
                ["payjs_order_id"] = "1",
                ["return_code"] = "1",
                ["status"] = "0",
                ["total_fee"] = "1",
                ["transaction_id"] = "0",
            };
            var pieces = PayjsSign.Canonical(genuine).Split('&');
            var fields = new List<(string Name, string Value)>();
            for (var i = 0; i < pieces.Length; i++)
            {
                var cut = pieces[i].IndexOf('=');
                if (i == 0 || (isBoundary[i] && cut >= 0)) fields.Add((pieces[i][..cut], pieces[i][(cut + 1)..]));
                else fields[^1] = (fields[^1].Name, $"{fields[^1].Value}&{pieces[i]}");
            }
            var json = string.Join(',', fields.Append(("sign", PayjsSign.Of(genuine, Ours.Key))).Select(f => $"{JsonSerializer.Serialize(f.Item1)}:{JsonSerializer.Serialize(f.Item2)}"));
            try
            {
                var reply = PayjsReply.Parse($"{{{json}}}").SignedBy([Ours], required);
                return reply["status"] == "0" && reply["out_trade_no"] == "SMALL" && reply.TotalFee == 1;
            }
            catch (RefusedException)
            {
                return true;
            }
        }, iter: 20_000);
    }

    private static PayjsReply Signed(Dictionary<string, string> fields)
    {
        fields["sign"] = PayjsSign.Of(fields, Ours.Key);
        return PayjsReply.Parse(JsonSerializer.Serialize(fields));
    }

    // V14 of the signature vectors as PAYJS writes it: with numbers, and null for absent values.
    [Test]
    public void An_unpaid_check_reply_verifies()
    {
        const string Reply = """
            {"attach":"用户自定义数据","bank":null,"mchid":"1600000001","openid":"0","out_trade_no":"CZ20240229235959000001","paid":0,"paid_time":"0",
             "payjs_order_id":"2024022923595900123456789","return_code":1,"status":0,"total_fee":1990,"transaction_id":"0","sign":"B0685A003EA509A936C86F1479999DB7"}
            """;
        Assert.That(PayjsReply.Parse(Reply).SignedBy([new Merchant("payjs", "1600000001", "SandboxKey012345")], []).TotalFee, Is.EqualTo(1990));
        Assert.That(() => PayjsReply.Parse(Reply).SignedBy([new Merchant("payjs", "1600000001", "SandboxKey012346")], []), Refuses.With(Refusal.GatewayFailed));
        Assert.That(() => PayjsReply.Parse(Reply).SignedBy([new Merchant("payjs", "1600000001", "")], []), Refuses.With(Refusal.GatewayFailed));
        Assert.That(() => PayjsReply.Parse(Reply.Replace("\"status\":0", "\"status\":1", StringComparison.Ordinal)).SignedBy([new Merchant("payjs", "1600000001", "SandboxKey012345")], []), Refuses.With(Refusal.GatewayFailed));
    }

    [TestCase("""{"return_code":1,"sign":""}""")]
    [TestCase("""{"return_code":1}""")]
    public void An_unsigned_reply_is_not_believed(string json) =>
        Assert.That(() => PayjsReply.Parse(json).SignedBy([new Merchant("payjs", "1600000001", "SandboxKey012345")], []), Refuses.With(Refusal.GatewayFailed));

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("<html>502</html>")]
    [TestCase("null")]
    [TestCase("1")]
    [TestCase("\"return_code\"")]
    [TestCase("[]")]
    [TestCase("""[{"return_code":1}]""")]
    [TestCase("{}")]
    [TestCase("""{"return_code":null}""")]
    [TestCase("""{"return_code":{"a":1}}""")]
    [TestCase("""{"data":{"return_code":1}}""")]
    [TestCase("""{"return_code":1""")]
    [TestCase("""{"return_code":1}x""")]
    [TestCase("""{"return_code":1,}""")]
    [TestCase("""{"return_code":1,"attach":"\ud83d"}""", Description = "half a surrogate pair")]
    [TestCase("""{"return_code":1,"\ud83d":1}""")]
    [TestCase("""{"return_code":1,"a":[[[[[[[[[[]]]]]]]]]]}""", Description = "nested deeper than any reply")]
    public void Garbage_is_the_gateways_failure(string reply) => Assert.That(() => PayjsReply.Parse(reply), Refuses.With(Refusal.GatewayFailed));

    [TestCase("""{"return_code":1}""", true)]
    [TestCase("""{"return_code":"1"}""", true)]
    [TestCase("""{"return_code":0}""", false)]
    [TestCase("""{"return_code":"0"}""", false)]
    [TestCase("""{"return_code":""}""", false)]
    [TestCase("""{"return_code":11}""", false)]
    [TestCase("""{"return_code":-1}""", false)]
    public void One_alone_is_success(string json, bool accepted) => Assert.That(PayjsReply.Parse(json).Accepted, Is.EqualTo(accepted));

    [TestCase("""{"return_code":0,"return_msg":"余额不足","msg":"other"}""", "余额不足")]
    [TestCase("""{"return_code":0,"status":0,"msg":"签名错误"}""", "签名错误")]
    [TestCase("""{"return_code":0}""", "")]
    public void A_refusals_reason_has_two_names(string json, string message) => Assert.That(PayjsReply.Parse(json).Message, Is.EqualTo(message));

    [TestCase("1990", 1990)]
    [TestCase("\"1990\"", 1990)]
    [TestCase("0", 0)]
    [TestCase("\"\"", null)]
    [TestCase("\"19.90\"", null)]
    [TestCase("-1", null)]
    [TestCase("\" 1\"", null)]
    [TestCase("\"1,000\"", null)]
    [TestCase("1e3", null)]
    [TestCase("\"99999999999999999999\"", null)]
    [TestCase("null", null)]
    public void Amounts_are_whole_fen_as_number_or_text(string value, long? fen) =>
        Assert.That(PayjsReply.Parse($$"""{"return_code":1,"total_fee":{{value}}}""").TotalFee, Is.EqualTo(fen));

    [Test]
    public void The_gateways_clock_is_eight_hours_ahead() =>
        Assert.That(PayjsReply.ParseTime("2024-03-01 00:00:42"), Is.EqualTo(new DateTimeOffset(2024, 2, 29, 16, 0, 42, TimeSpan.Zero)));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("0")]
    [TestCase("2024-03-01")]
    [TestCase("2024-02-30 00:00:00")]
    [TestCase("2024-03-01T00:00:42")]
    [TestCase("2024-03-01 24:00:00")]
    [TestCase("0001-01-01 00:00:00", Description = "before time began, in UTC")]
    [TestCase("0001-01-01 07:59:59")]
    public void Other_times_are_none(string? text) => Assert.That(PayjsReply.ParseTime(text), Is.Null);
}
