using System.Text.RegularExpressions;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Every request example of the original API text, sent verbatim, gets the text's reply: fields, types and order.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed partial class SeedExamplesTests(DatabaseKind kind)
{
    private Database _database = null!;
    private ScriptedGateway _gateway = null!;
    private TestServer _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _database = await Database.CreateAsync(kind);
        // The sandbox supplies the text's demo data. A scripted gateway answers, since the text's codes are PAYJS's.
        _gateway = await ScriptedGateway.StartAsync();
        _server = TestServer.Start(_database, gateway: null, clock: null, ("Payjs:BaseUrl", _gateway.Address.ToString()));
        await _server.WithDbAsync(SeedData.AddAsync);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        await _gateway.DisposeAsync();
        await _database.DisposeAsync();
    }

    [TestCase("&action=payjs_credit&key=123456&money=1&attach=woshishui&body=doby&username=1&isuid=1&credits=2", "woshishui",
        "weixin://wxpay/bizpayurl?pr=yZ1bIGrzz", "2021050621510700657050744", "https://payjs.cn/qrcode/d2VpeGluOi8vd3hwYXkvYml6cGF5dXJsP3ByPXlaMWJJR3J6eg==")]
    [TestCase("&action=payjs_cardtime&key=123456&money=1&attach=chongzhishijian&body=doby&username=1&isuid=1", "chongzhishijian",
        "weixin://wxpay/bizpayurl?pr=unIuVfBzz", "2021050621320500671433534", "https://payjs.cn/qrcode/d2VpeGluOi8vd3hwYXkvYml6cGF5dXJsP3ByPXVuSXVWZkJ6eg==")]
    [TestCase("&action=payjs_kamis&key=123456&list_id=9&attach=goumaikami&body=doby&username=1&isuid=1", "goumaikami",
        "weixin://wxpay/bizpayurl?pr=HqIuaGXzz", "2021050800044800527701349", "https://payjs.cn/qrcode/d2VpeGluOi8vd3hwYXkvYml6cGF5dXJsP3ByPUhxSXVhR1h6eg==")]
    public async Task An_order_is_placed_and_the_reply_is_rebuilt_field_for_field(string query, string attach, string codeUrl, string gatewayOrderId, string qrcode)
    {
        foreach (var xml in new[] { false, true })
        {
            var id = xml ? gatewayOrderId + "9" : gatewayOrderId;
            var (number, sign) = ("", "");
            _gateway.Answer = (call, form) =>
            {
                var reply = ScriptedGateway.Reply(form, id, codeUrl, "sandbox-key");
                (number, sign) = (form["out_trade_no"], Sign().Match(reply).Groups[1].Value);
                Assert.That(form["body"], Is.EqualTo("doby"));
                Assert.That(form["attach"], Is.EqualTo(attach));
                Assert.That(form["total_fee"], Is.EqualTo("100"));
                Assert.That(form["mchid"], Is.EqualTo("1600000001"));
                Assert.That(form["notify_url"], Does.EndWith("/payjs/notify"));
                Assert.That(form, Does.Not.ContainKey("type"));
                return Task.FromResult(reply);
            };
            var text = await _server.PluginTextAsync(query + (xml ? "&output=xml" : ""));
            var expected = xml
                ? $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root><code>200</code><result>OK</result><count>1</count><data><code_url>{codeUrl}</code_url><out_trade_no>{number}</out_trade_no><payjs_order_id>{id}</payjs_order_id><qrcode>{qrcode}</qrcode><return_code>1</return_code><return_msg>SUCCESS</return_msg><total_fee>100</total_fee><sign>{sign}</sign></data>"
                : $$$"""{"code":200,"result":"OK","count":1,"data":{"code_url":"{{{codeUrl}}}","out_trade_no":"{{{number}}}","payjs_order_id":"{{{id}}}","qrcode":"{{{qrcode}}}","return_code":1,"return_msg":"SUCCESS","total_fee":"100","sign":"{{{sign}}}"}""";
            AssertReply(text, expected, xml);
            Assert.That(number, Does.Match("^20[0-9]{18}$"));
        }
    }

    [Test]
    public async Task The_card_rules_are_listed()
    {
        AssertReply(await _server.PluginTextAsync("&action=payjs_kamis_list&key=123456"),
            """{"code":200,"result":"OK","count":4,"data":{"1":{"price":"10","credits":"20","jiaoyi":"30","times":"1000","inttoken":"10"},"4":{"price":"50","credits":"120","jiaoyi":"130","times":"10000","inttoken":"100"},"8":{"price":"100","credits":"1200","jiaoyi":"1300","times":"100000","inttoken":"1000"},"9":{"price":"1","credits":"12000","jiaoyi":"13000","times":"1000000","inttoken":"10000"}}""", xml: false);
        AssertReply(await _server.PluginTextAsync("&action=payjs_kamis_list&key=123456&output=xml"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root><code>200</code><result>OK</result><count>4</count><data><item id=\"1\"><price>10</price><credits>20</credits><jiaoyi>30</jiaoyi><times>1000</times><inttoken>10</inttoken></item><item id=\"4\"><price>50</price><credits>120</credits><jiaoyi>130</jiaoyi><times>10000</times><inttoken>100</inttoken></item><item id=\"8\"><price>100</price><credits>1200</credits><jiaoyi>1300</jiaoyi><times>100000</times><inttoken>1000</inttoken></item><item id=\"9\"><price>1</price><credits>12000</credits><jiaoyi>13000</jiaoyi><times>1000000</times><inttoken>10000</inttoken></item></data>", xml: true);
    }

    [Test]
    public async Task The_order_is_checked()
    {
        AssertReply(await _server.PluginTextAsync("&action=payjs_check&key=123456&payjs_order_id=2021050718271700671267492"),
            """{"code":200,"result":"OK","count":14,"data":{"uid":"1","pay_type":"3","status":"2","payjs_order_id":"2021050718271700671267492","body":"doby","price":"1","creditskey":"0","creditsval":"0","signtime":"0","kami":"16B085999F08E8404C48AF642C1CA8FF","attach":"goumaikami","submitdate":"1620383241","time_end":"1620383259","nums":5}""", xml: false);
        AssertReply(await _server.PluginTextAsync("&action=payjs_check_id&token=f2ffBQrtGYltiSuw5t"),
            """{"code":200,"result":"OK","count":1,"data":[{"id":"75","uid":"1","pay_type":"3","status":"2","payjs_order_id":"2021050718271700671267492","body":"doby","price":"1","creditskey":"0","creditsval":"0","signtime":"0","kami":"16B085999F08E8404C48AF642C1CA8FF","attach":"goumaikami","submitdate":"1620383241","time_end":"1620383259","nums":"5"}]""", xml: false);
        AssertReply(await _server.PluginTextAsync("&action=payjs_check_id&token=f2ffBQrtGYltiSuw5t&output=XML"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root><code>200</code><result>OK</result><count>1</count><data><item id=\"0\"><id>75</id><uid>1</uid><pay_type>3</pay_type><status>2</status><payjs_order_id>2021050718271700671267492</payjs_order_id><body>doby</body><price>1</price><creditskey>0</creditskey><creditsval>0</creditsval><signtime>0</signtime><kami>16B085999F08E8404C48AF642C1CA8FF</kami><attach>goumaikami</attach><submitdate>1620383241</submitdate><time_end>1620383259</time_end><nums>5</nums></item></data>", xml: true);
        AssertReply(await _server.PluginTextAsync("&action=payjs_check&key=123456&payjs_order_id=2021050718271700671267492&output=xml"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root><code>200</code><result>OK</result><count>14</count><data><uid>1</uid><pay_type>3</pay_type><status>2</status><payjs_order_id>2021050718271700671267492</payjs_order_id><body>doby</body><price>1</price><creditskey>0</creditskey><creditsval>0</creditsval><signtime>0</signtime><kami>16B085999F08E8404C48AF642C1CA8FF</kami><attach>goumaikami</attach><submitdate>1620383241</submitdate><time_end>1620383259</time_end><nums>6</nums></data>", xml: true);
    }

    private static void AssertReply(string text, string expectedUpToTime, bool xml)
    {
        Assert.That(text, Does.StartWith(expectedUpToTime));
        Assert.That(text[expectedUpToTime.Length..], Does.Match(xml ? "^<sqltime>[0-9]+(\\.[0-9]{1,5})?s</sqltime></root>$" : "^,\"sqltime\":\"[0-9]+(\\.[0-9]{1,5})?s\"}$"));
    }

    [GeneratedRegex("\"sign\":\"([0-9A-F]{32})\"")]
    private static partial Regex Sign();
}
