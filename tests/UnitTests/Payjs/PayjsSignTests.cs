using CsCheck;
using PayRecharge.Infrastructure.Payjs;

namespace PayRecharge.UnitTests.Payjs;

internal sealed class PayjsSignTests
{
    private const string Key = "SandboxKey012345";

    /// <summary>The fields, the canonical text that is signed, and the signature.</summary>
    /// <remarks>V01 is the example in PAYJS's documentation. The others follow the documented rule and agree with several SDKs.</remarks>
    private static readonly (string Name, string Key, string[] Fields, string Canonical, string Sign)[] Vectors =
    [
        ("V01 documentation's example", "xxxxxxxxx",
            ["mchid=12345", "total_fee=1", "out_trade_no=123123123123"],
            "mchid=12345&out_trade_no=123123123123&total_fee=1", "D284B39BA646EB978DF4FF1F5E59D2AD"),
        ("V03 WeChat order, Chinese, URL", Key,
            ["mchid=1600000001", "total_fee=1990", "out_trade_no=CZ20240229235959000001", "body=论坛积分充值", "attach=uid:42", "notify_url=https://forum.example.com/payjs/notify"],
            "attach=uid:42&body=论坛积分充值&mchid=1600000001&notify_url=https://forum.example.com/payjs/notify&out_trade_no=CZ20240229235959000001&total_fee=1990",
            "864DC571F2DB2277766FFC72639920E2"),
        ("V04 Alipay order", Key,
            ["mchid=1600000001", "total_fee=1", "out_trade_no=CZ20240229235959000002", "body=微信支付宝充值", "attach=用户自定义数据", "notify_url=https://forum.example.com/payjs/notify", "type=alipay"],
            "attach=用户自定义数据&body=微信支付宝充值&mchid=1600000001&notify_url=https://forum.example.com/payjs/notify&out_trade_no=CZ20240229235959000002&total_fee=1&type=alipay",
            "90F3B884E4B32AA4EA39B51FF530925F"),
        ("V05 empty values take no part", Key,
            ["mchid=1600000001", "total_fee=1990", "out_trade_no=CZ20240229235959000001", "body=论坛积分充值", "attach=", "type=", "notify_url=https://forum.example.com/payjs/notify"],
            "body=论坛积分充值&mchid=1600000001&notify_url=https://forum.example.com/payjs/notify&out_trade_no=CZ20240229235959000001&total_fee=1990",
            "38F8A9103744F847278341240B1DF37A"),
        ("V06 V05 without its empty fields", Key,
            ["mchid=1600000001", "total_fee=1990", "out_trade_no=CZ20240229235959000001", "body=论坛积分充值", "notify_url=https://forum.example.com/payjs/notify"],
            "body=论坛积分充值&mchid=1600000001&notify_url=https://forum.example.com/payjs/notify&out_trade_no=CZ20240229235959000001&total_fee=1990",
            "38F8A9103744F847278341240B1DF37A"),
        ("V07 raw & = + blank % # ?", Key,
            ["mchid=1600000001", "total_fee=100", "out_trade_no=A-1_b.2", "body=A&B=C D+E 100%25 #1?", "attach=k1=v1&k2=v 2+3"],
            "attach=k1=v1&k2=v 2+3&body=A&B=C D+E 100%25 #1?&mchid=1600000001&out_trade_no=A-1_b.2&total_fee=100", "DBC88FF18714A02EA1593DEADB3764EC"),
        ("V10 check request", Key,
            ["payjs_order_id=2024022923595900123456789"], "payjs_order_id=2024022923595900123456789", "66D4AEECA1C3CD710430442FB6B852DE"),
        ("V14 unpaid check reply, zeros take part", Key,
            ["attach=用户自定义数据", "mchid=1600000001", "openid=0", "out_trade_no=CZ20240229235959000001", "paid=0", "paid_time=0", "payjs_order_id=2024022923595900123456789", "return_code=1", "status=0", "total_fee=1990", "transaction_id=0"],
            "attach=用户自定义数据&mchid=1600000001&openid=0&out_trade_no=CZ20240229235959000001&paid=0&paid_time=0&payjs_order_id=2024022923595900123456789&return_code=1&status=0&total_fee=1990&transaction_id=0",
            "B0685A003EA509A936C86F1479999DB7"),
        ("V16 WeChat notice", Key,
            ["attach=付款成功", "mchid=1600000001", "openid=oSandbox0000000000000000001", "out_trade_no=CZ20240229235959000001", "payjs_order_id=2024022923595900123456789", "return_code=1", "time_end=2024-03-01 00:00:42", "total_fee=1990", "transaction_id=4200001234202403010000000042"],
            "attach=付款成功&mchid=1600000001&openid=oSandbox0000000000000000001&out_trade_no=CZ20240229235959000001&payjs_order_id=2024022923595900123456789&return_code=1&time_end=2024-03-01 00:00:42&total_fee=1990&transaction_id=4200001234202403010000000042",
            "420CD43AA53C0567784A5B3568E0982E"),
        ("V19 10000 yuan", Key,
            ["mchid=1600000001", "total_fee=1000000", "out_trade_no=A-5"], "mchid=1600000001&out_trade_no=A-5&total_fee=1000000", "62C2D5F467EC055D35614160350F7EB2"),
        ("V20 attach is 0", Key,
            ["attach=0", "mchid=1600000001", "total_fee=1", "out_trade_no=A-6"], "attach=0&mchid=1600000001&out_trade_no=A-6&total_fee=1", "B97DEB21CD96C8DB868309CE52598433"),
        ("V22 byte order of names", Key,
            ["b=1", "B=2", "_=3", "a_b=4", "ab=5", "mchid=1600000001"], "B=2&_=3&a_b=4&ab=5&b=1&mchid=1600000001", "180D2B741F695C3FEE0F3CA35EF27D8D"),
    ];

    private static IEnumerable<TestCaseData> VectorCases() =>
        Vectors.Select(v => new TestCaseData(v.Key, v.Fields.Select(Field).ToList(), v.Canonical, v.Sign).SetArgDisplayNames(v.Name));

    [TestCaseSource(nameof(VectorCases))]
    public void Signs_as_the_vectors_say(string key, List<KeyValuePair<string, string>> fields, string canonical, string sign)
    {
        Assert.That(PayjsSign.Canonical(fields), Is.EqualTo(canonical));
        Assert.That(PayjsSign.Of(fields, key), Is.EqualTo(sign));
        Assert.That(PayjsSign.Verify([.. fields, new(PayjsSign.Field, sign)], key, sign), Is.True);
    }

    // U+FF5E sorts after U+1F600 in UTF-16 (surrogates), but before it in UTF-8.
    [Test]
    public void Names_sort_by_their_bytes_in_UTF8() =>
        Assert.That(PayjsSign.Canonical([new("😀", "2"), new("～", "1")]), Is.EqualTo("～=1&😀=2"));

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.OneOf("&", "=", "&a=b", "key=", "😀", "积分", "~", " ", "+", "%26", "0", "A", "z").Array[1, 6].Select(string.Concat),
        Gen.Char[' ', '~'].Array[1, 20].Select(c => new string(c)));

    private static readonly Gen<Dictionary<string, string>> Messages =
        Gen.Dictionary(Gen.Char.AlphaNumeric.Array[1, 8].Select(c => new string(c)).Where(name => name != PayjsSign.Field), Text)[1, 10];

    [Test]
    public void Any_text_in_any_order_verifies() =>
        Gen.Select(Messages, Gen.Int).Sample((message, seed) =>
        {
            var sign = PayjsSign.Of(message, Key);
            var shuffled = message.OrderBy(f => HashCode.Combine(f.Key, seed)).Append(new(PayjsSign.Field, sign));
            return PayjsSign.Verify(shuffled, Key, sign);
        });

    [Test]
    public void Empty_fields_do_not_count_and_zeros_do() =>
        Messages.Sample(message =>
        {
            var sign = PayjsSign.Of(message, Key);
            return PayjsSign.Of([.. message, new("no_such_field", "")], Key) == sign
                && PayjsSign.Of([.. message, new("no_such_field", "0")], Key) != sign;
        });

    [Test]
    public void A_changed_field_a_changed_key_and_a_changed_signature_fail() =>
        Gen.Select(Messages, Gen.Int[0, 9], Text, Gen.Int[0, 31]).Sample((message, which, text, place) =>
        {
            var sign = PayjsSign.Of(message, Key);
            var name = message.Keys.ElementAt(which % message.Count);
            var changed = new Dictionary<string, string>(message) { [name] = message[name] + text };
            var without = message.Where(f => f.Key != name);
            var garbled = sign.ToCharArray();
            garbled[place] = garbled[place] == '0' ? '1' : '0';
            return !PayjsSign.Verify(changed, Key, sign) && !PayjsSign.Verify(without, Key, sign)
                && !PayjsSign.Verify(message, Key + "x", sign) && !PayjsSign.Verify(message, "sandboxKey012345", sign)
                && !PayjsSign.Verify(message, Key, new string(garbled));
        });

    [Test]
    public void An_empty_key_verifies_nothing() =>
        Messages.Sample(message => !PayjsSign.Verify(message, "", PayjsSign.Of(message, "")));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("d284b39ba646eb978df4ff1f5e59d2ad", Description = "the wire's is upper-case")]
    [TestCase("D284B39BA646EB978DF4FF1F5E59D2A")]
    [TestCase("D284B39BA646EB978DF4FF1F5E59D2AD ")]
    public void Only_the_exact_signature_verifies(string? sign) =>
        Assert.That(PayjsSign.Verify(Vectors[0].Fields.Select(Field), Vectors[0].Key, sign), Is.False);

    private static KeyValuePair<string, string> Field(string text) => new(text[..text.IndexOf('=')], text[(text.IndexOf('=') + 1)..]);
}
