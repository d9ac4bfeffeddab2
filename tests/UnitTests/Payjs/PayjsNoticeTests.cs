using System.Net;
using CsCheck;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Payments;
using PayRecharge.Infrastructure.Payjs;

namespace PayRecharge.UnitTests.Payjs;

internal sealed class PayjsNoticeTests
{
    private static readonly Merchant Ours = new("payjs", "1600000001", "SandboxKey012345");
    private static readonly Merchant Retired = new("payjs", "1600000002", "RetiredKey012345");

    // V16 of the signature vectors.
    private static readonly KeyValuePair<string, string>[] Genuine =
    [
        new("attach", "付款成功"), new("mchid", "1600000001"), new("openid", "oSandbox0000000000000000001"), new("out_trade_no", "CZ20240229235959000001"),
        new("payjs_order_id", "2024022923595900123456789"), new("return_code", "1"), new("time_end", "2024-03-01 00:00:42"), new("total_fee", "1990"),
        new("transaction_id", "4200001234202403010000000042"),
    ];

    private static readonly ReportedPayment GenuinePayment = new(
        "payjs", "1600000001", GatewayMode.Live, "CZ20240229235959000001", "2024022923595900123456789", 1990, "4200001234202403010000000042",
        new DateTimeOffset(2024, 2, 29, 16, 0, 42, TimeSpan.Zero));

    private static readonly string[] Required =
        ["mchid", "out_trade_no", "payjs_order_id", "total_fee", "transaction_id", "time_end", "openid", "return_code"];

    [Test]
    public void A_genuine_notice_is_a_payment_its_time_eight_hours_ahead()
    {
        var notice = Form([.. Genuine, new("sign", "420CD43AA53C0567784A5B3568E0982E")]);
        var message = PayjsNotice.Read(notice, [Ours, Retired], GatewayMode.Live);
        Assert.That(message.Payment, Is.EqualTo(GenuinePayment));
        Assert.That((message.Signed, message.Defect, message.OrderNumber, message.Raw), Is.EqualTo((true, (string?)null, "CZ20240229235959000001", notice)));
    }

    [Test]
    public void Fields_that_PAYJS_may_add_and_any_text_of_the_buyer_are_taken()
    {
        Assert.That(Read(Signed([.. Genuine, new("type", "alipay"), new("bank", "OTHERS"), new("empty", "")])).Payment, Is.EqualTo(GenuinePayment));
        Assert.That(Read(Signed(With("attach", "a=b&c=d&total_fee=1&😀"))).Payment, Is.EqualTo(GenuinePayment));
        Assert.That(Read(Signed([.. Genuine.Where(f => f.Key != "attach")])).Payment, Is.EqualTo(GenuinePayment));
    }

    [Test]
    public void A_retired_merchants_key_signs_for_that_merchant() =>
        Assert.That(Read(Signed(With("mchid", Retired.Id), Retired.Key)).Payment, Is.EqualTo(GenuinePayment with { MerchantId = Retired.Id }));

    [Test]
    public void A_merchants_older_key_still_signs_for_it() =>
        Assert.That(Read(Signed(Genuine, "OlderKey"), [Ours, Ours with { Key = "OlderKey" }]).Payment, Is.EqualTo(GenuinePayment));

    [Test]
    public void The_mode_is_the_receivers() =>
        Assert.That(PayjsNotice.Read(Form(Signed(Genuine)), [Ours], GatewayMode.Sandbox).Payment, Is.EqualTo(GenuinePayment with { Mode = GatewayMode.Sandbox }));

    // The contract's rule: each required field once and not empty, return_code 1, and & only in the buyer's own text.
    private static IEnumerable<TestCaseData> SignedForgeries()
    {
        foreach (var name in Required)
        {
            yield return Case($"without {name}", [.. Genuine.Where(f => f.Key != name)]);
            yield return Case($"{name} empty", With(name, ""));
            yield return Case($"& in {name}", With(name, Genuine.First(f => f.Key == name).Value + "&x=1"));
        }
        yield return Case("& in a field not known", [.. Genuine, new("bank", "a&b=c")]);
        foreach (var code in new[] { "0", "2", "01", "1 ", "true" }) yield return Case($"return_code {code}", With("return_code", code));
        foreach (var fee in new[] { "19.90", "-1990", "1990 ", "+1990", "1e3", "99999999999999999999", "1,990" }) yield return Case($"total_fee {fee}", With("total_fee", fee));
        foreach (var time in new[] { "0", "1709222442", "2024-03-01", "2024-13-01 00:00:00", "0001-01-01 00:00:00" }) yield return Case($"time_end {time}", With("time_end", time));
        yield return Case("another merchant's number", With("mchid", "1600000009"));
        yield return Case("gateway id too long", With("payjs_order_id", new string('1', 33)));
        yield return Case("transaction id too long", With("transaction_id", new string('1', 65)));

        static TestCaseData Case(string name, IReadOnlyList<KeyValuePair<string, string>> fields) => new TestCaseData(fields).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(SignedForgeries))]
    public void What_is_signed_but_no_whole_payment_is_none(IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        var message = Read(Signed(fields));
        Assert.That((message.Signed, message.Payment), Is.EqualTo((false, (ReportedPayment?)null)), "it counts for as much as no signature");
        Assert.That(message.Defect, Is.Not.Null.And.Not.Empty);
    }

    private static IEnumerable<TestCaseData> UnsignedForgeries()
    {
        var signed = Signed(Genuine);
        yield return Case("not signed", [.. Genuine]);
        yield return Case("sign empty", [.. Genuine, new("sign", "")]);
        yield return Case("sign in lower case", [.. Genuine, new("sign", "420cd43aa53c0567784a5b3568e0982e")]);
        yield return Case("an unknown key", Signed(Genuine, "another"));
        yield return Case("an empty key", Signed(Genuine, ""));
        foreach (var (name, value) in Genuine)
        {
            yield return Case($"{name} changed", [.. signed.Select(f => f.Key == name ? new(name, value + "0") : f)]);
            yield return Case($"{name} doubled alike", [.. signed, new(name, value)]);
            yield return Case($"{name} doubled, first empty", [new(name, ""), .. signed]);
        }
        yield return Case("sign doubled", [.. signed, new("sign", "420CD43AA53C0567784A5B3568E0982E")]);
        yield return Case("a field added", [.. signed, new("bank", "OTHERS")]);
        foreach (var name in new[] { "a[b]", "total_fee[]", "a.b", "a b", "", "a&b", "a=b", "金额", "total_feｅ", "a\0" })
            yield return Case($"a name of '{name.Replace('\0', '0')}'", Signed([.. Genuine, new(name, "1")]));
        yield return Case("no field at all", []);

        static TestCaseData Case(string name, IReadOnlyList<KeyValuePair<string, string>> fields) => new TestCaseData(fields).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(UnsignedForgeries))]
    public void What_no_key_signed_is_no_payment(IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        var message = Read(fields);
        Assert.That((message.Signed, message.Payment), Is.EqualTo((false, (ReportedPayment?)null)));
        Assert.That(message.Defect, Is.Not.Null.And.Not.Empty);
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("text/plain")]
    [TestCase("application/json")]
    [TestCase("multipart/form-data; boundary=x")]
    public void What_is_no_form_is_no_payment(string? contentType) => IsNoForm(Form(Signed(Genuine)) with { ContentType = contentType });

    [Test]
    public void A_form_that_is_not_UTF_8_is_no_payment()
    {
        var form = Form(Signed(Genuine));
        IsNoForm(form with { Body = [.. form.Body, .. "&x="u8, 0xff] });
        IsNoForm(form with { Body = [.. form.Body, .. "&%ff=1"u8] });
    }

    [TestCase("application/x-www-form-urlencoded")]
    [TestCase("Application/X-WWW-Form-UrlEncoded; charset=utf-8")]
    public void A_form_may_have_a_charset_and_empty_parts(string contentType)
    {
        var form = Form(Signed(Genuine), lead: "&&");
        Assert.That(PayjsNotice.Read(new([.. form.Body, (byte)'&'], contentType), [Ours], GatewayMode.Live).Payment, Is.EqualTo(GenuinePayment));
    }

    private static void IsNoForm(RawMessage notice)
    {
        var message = PayjsNotice.Read(notice, [Ours, Retired], GatewayMode.Live);
        Assert.That((message.Signed, message.Payment, message.Defect, message.OrderNumber), Is.EqualTo((false, (ReportedPayment?)null, "no form", (string?)null)));
    }

    [Test]
    public void A_merchant_whose_key_is_empty_signs_nothing() =>
        Assert.That(Read(Signed(Genuine, ""), [Ours with { Key = "" }]).Payment, Is.Null);

    [Test]
    public void One_merchants_key_does_not_sign_for_another() =>
        Assert.That(Read(Signed(Genuine, Retired.Key)).Payment, Is.Null);

    // PAYJS's reply to an order reaches the buyer's client with its signature.
    [Test]
    public void The_reply_to_an_order_is_no_payment()
    {
        KeyValuePair<string, string>[] reply =
        [
            new("return_code", "1"), new("return_msg", "SUCCESS"), new("out_trade_no", "CZ20240229235959000001"), new("payjs_order_id", "2024022923595900123456789"),
            new("total_fee", "1990"), new("qrcode", "https://payjs.cn/qrcode/x"), new("code_url", "weixin://wxpay/bizpayurl?pr=x"),
        ];
        Assert.That(Read(Signed(reply)).Payment, Is.Null);
        Assert.That(Read([.. Signed(reply), new("mchid", Ours.Id), new("transaction_id", "1"), new("time_end", "2024-03-01 00:00:42"), new("openid", "1")]).Payment, Is.Null);
    }

    // A buyer pays 1 fen for a small order whose attach contains the payment of a big order, and posts the signed notice with its
    // parts regrouped: the signed text stays the same, and so does the signature.
    private const string Spelled =
        "x&mchid=1600000001&openid=o&out_trade_no=BIG&payjs_order_id=9&return_code=1&time_end=2024-03-01 00:00:42&total_fee=1000000&transaction_id=4200";

    [TestCase("", "transaction_id", TestName = "A_regrouped_attach_is_no_payment(rest in transaction_id)")]
    [TestCase("&type=alipay", "type", TestName = "A_regrouped_attach_is_no_payment(rest in type)")]
    [TestCase("&zzz=", "zzz", TestName = "A_regrouped_attach_is_no_payment(rest in a field of its own)")]
    public void A_regrouped_attach_is_no_payment(string tail, string swallowing)
    {
        var small = Signed([.. With("attach", Spelled + tail).Select(f => f.Key == "total_fee" ? new("total_fee", "1") : f)]);
        Assert.That(Read(small).Payment!.AmountFen, Is.EqualTo(1), "the notice of the small order itself");

        var parts = Fields(Spelled + tail, "attach").ToDictionary();
        parts[swallowing] += "&" + PayjsSign.Canonical(small.Where(f => f.Key != "attach"));
        var forged = parts.Append(small.Single(f => f.Key == "sign")).ToList();
        Assert.That(PayjsSign.Canonical(forged), Is.EqualTo(PayjsSign.Canonical(small)), "what is signed");
        Assert.That((parts["out_trade_no"], parts["total_fee"]), Is.EqualTo(("BIG", "1000000")));

        var message = Read(forged);
        Assert.That((message.Signed, message.Payment), Is.EqualTo((false, (ReportedPayment?)null)));
    }

    [Test]
    public void However_a_notice_is_regrouped_it_reports_its_own_payment_or_none()
    {
        string[] bricks =
        [
            "x", "=", "attach=", "a=1", "mchid=1600000001", "openid=o", "out_trade_no=BIG", "payjs_order_id=9", "return_code=1",
            "time_end=2024-03-01 00:00:42", "total_fee=1000000", "transaction_id=4200", "type=alipay", "zzz=", "sign=",
        ];
        Gen.Select(Gen.OneOf(bricks).Array[1, 12], Gen.Bool.Array[24]).Sample((attach, isBoundary) =>
        {
            var notice = Signed(With("attach", string.Join('&', attach)));
            // Each & of the signed text may be read as a separator of fields or as part of a value.
            var pieces = PayjsSign.Canonical(notice).Split('&');
            var fields = new List<KeyValuePair<string, string>>();
            for (var i = 0; i < pieces.Length; i++)
            {
                var isField = i == 0 || (isBoundary[i] && pieces[i].Contains('=', StringComparison.Ordinal));
                if (isField) fields.Add(Field(pieces[i]));
                else fields[^1] = new(fields[^1].Key, $"{fields[^1].Value}&{pieces[i]}");
            }
            var payment = Read([.. fields, notice[^1]]).Payment;
            return payment is null || payment == GenuinePayment;
        }, iter: 20_000);
    }

    [Test]
    public void The_same_fields_in_another_order_are_the_same_message()
    {
        var signed = Signed(Genuine);
        var hash = Read(signed).ContentHash;
        Assert.That(hash, Does.Match("^[0-9A-F]{64}\\z"));
        Assert.That(Read([.. signed.Reverse()], lead: "&").ContentHash, Is.EqualTo(hash));
        Assert.That(Read(Signed(With("total_fee", "1991"))).ContentHash, Is.Not.EqualTo(hash));
        Assert.That(Read([.. Genuine]).ContentHash, Is.Not.EqualTo(hash));
    }

    [Test]
    public void Unsigned_messages_differ_by_their_text()
    {
        var hash = Read([.. Genuine]).ContentHash;
        Assert.That(Read([.. Genuine]).ContentHash, Is.EqualTo(hash));
        Assert.That(Read([.. Genuine], lead: "&").ContentHash, Is.Not.EqualTo(hash));
    }

    private static KeyValuePair<string, string>[] With(string name, string value) =>
        [.. Genuine.Select(f => f.Key == name ? new KeyValuePair<string, string>(name, value) : f)];

    private static KeyValuePair<string, string>[] Signed(IReadOnlyList<KeyValuePair<string, string>> fields, string? key = null) =>
        [.. fields, new(PayjsSign.Field, PayjsSign.Of(fields, key ?? Ours.Key))];

    private static GatewayMessage Read(
        IReadOnlyList<KeyValuePair<string, string>> fields, IReadOnlyList<Merchant>? merchants = null, string lead = "") =>
        PayjsNotice.Read(Form(fields, lead), merchants ?? [Ours, Retired], GatewayMode.Live);

    private static RawMessage Form(IReadOnlyList<KeyValuePair<string, string>> fields, string lead = "") =>
        RawMessage.Of(lead + string.Join('&', fields.Select(f => $"{WebUtility.UrlEncode(f.Key)}={WebUtility.UrlEncode(f.Value)}")))
            with
        { ContentType = "application/x-www-form-urlencoded" };

    private static IEnumerable<KeyValuePair<string, string>> Fields(string text, string first) => $"{first}={text}".Split('&').Select(Field);

    private static KeyValuePair<string, string> Field(string text) => new(text[..text.IndexOf('=')], text[(text.IndexOf('=') + 1)..]);
}
