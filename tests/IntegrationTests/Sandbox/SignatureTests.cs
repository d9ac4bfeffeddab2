using PayRecharge.Sandbox;

namespace PayRecharge.IntegrationTests.Sandbox;

/// <summary>Test vectors of the protocol, cross-checked with the signing functions of third-party clients in several languages.</summary>
internal sealed class SignatureTests
{
    private const string Key = "SandboxKey012345";
    private const string Forum = "https://forum.example.com/payjs/notify";

    private static IEnumerable<TestCaseData> Vectors()
    {
        yield return Vector("V01", "xxxxxxxxx", "D284B39BA646EB978DF4FF1F5E59D2AD",
            ("mchid", "12345"), ("total_fee", 1), ("out_trade_no", "123123123123"));
        yield return Vector("V03", Key, "864DC571F2DB2277766FFC72639920E2",
            ("mchid", "1600000001"), ("total_fee", 1990), ("out_trade_no", "CZ20240229235959000001"), ("body", "论坛积分充值"),
            ("attach", "uid:42"), ("notify_url", Forum));
        yield return Vector("V04", Key, "90F3B884E4B32AA4EA39B51FF530925F",
            ("mchid", "1600000001"), ("total_fee", 1), ("out_trade_no", "CZ20240229235959000002"), ("body", "微信支付宝充值"),
            ("attach", "用户自定义数据"), ("notify_url", Forum), ("type", "alipay"));
        yield return Vector("V05", Key, "38F8A9103744F847278341240B1DF37A",
            ("mchid", "1600000001"), ("total_fee", 1990), ("out_trade_no", "CZ20240229235959000001"), ("body", "论坛积分充值"),
            ("attach", ""), ("type", ""), ("notify_url", Forum));
        yield return Vector("V06", Key, "38F8A9103744F847278341240B1DF37A",
            ("mchid", "1600000001"), ("total_fee", 1990), ("out_trade_no", "CZ20240229235959000001"), ("body", "论坛积分充值"),
            ("notify_url", Forum));
        yield return Vector("V07", Key, "DBC88FF18714A02EA1593DEADB3764EC",
            ("mchid", "1600000001"), ("total_fee", 100), ("out_trade_no", "A-1_b.2"), ("body", "A&B=C D+E 100%25 #1?"),
            ("attach", "k1=v1&k2=v 2+3"));
        yield return Vector("V10", Key, "66D4AEECA1C3CD710430442FB6B852DE", ("payjs_order_id", "2024022923595900123456789"));
        yield return Vector("V14", Key, "B0685A003EA509A936C86F1479999DB7",
            ("attach", "用户自定义数据"), ("bank", null), ("mchid", "1600000001"), ("openid", "0"),
            ("out_trade_no", "CZ20240229235959000001"), ("paid", 0), ("paid_time", "0"),
            ("payjs_order_id", "2024022923595900123456789"), ("return_code", 1), ("status", 0), ("total_fee", 1990), ("transaction_id", "0"));
        yield return Vector("V16", Key, "420CD43AA53C0567784A5B3568E0982E",
            ("attach", "付款成功"), ("mchid", "1600000001"), ("openid", "oSandbox0000000000000000001"),
            ("out_trade_no", "CZ20240229235959000001"), ("payjs_order_id", "2024022923595900123456789"), ("return_code", "1"),
            ("time_end", "2024-03-01 00:00:42"), ("total_fee", "1990"), ("transaction_id", "4200001234202403010000000042"));
        yield return Vector("V19", Key, "62C2D5F467EC055D35614160350F7EB2",
            ("mchid", "1600000001"), ("total_fee", 1000000), ("out_trade_no", "A-5"));
        yield return Vector("V20", Key, "B97DEB21CD96C8DB868309CE52598433",
            ("attach", "0"), ("mchid", "1600000001"), ("total_fee", 1), ("out_trade_no", "A-6"));
        yield return Vector("V22", Key, "180D2B741F695C3FEE0F3CA35EF27D8D",
            ("b", "1"), ("B", "2"), ("_", "3"), ("a_b", "4"), ("ab", "5"), ("mchid", "1600000001"));
    }

    private static TestCaseData Vector(string id, string key, string sign, params (string Name, object? Value)[] members) =>
        new TestCaseData(members.ToDictionary(member => member.Name, member => member.Value), key).Returns(sign).SetArgDisplayNames(id);

    [TestCaseSource(nameof(Vectors))]
    public string Signs_like_the_other_clients(Dictionary<string, object?> members, string key) => Signature.Of(members, key);

    [Test]
    public void An_existing_signature_takes_no_part()
    {
        var members = new Dictionary<string, string> { ["a"] = "1" };
        var sign = Signature.Of(members, Key);
        members["sign"] = sign;
        Assert.That(Signature.Of(members, Key), Is.EqualTo(sign));
    }
}
