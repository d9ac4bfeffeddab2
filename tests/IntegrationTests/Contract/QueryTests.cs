using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>Order queries, and how query string and form make one request.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class QueryTests(DatabaseKind kind) : PluginFixture(kind)
{
    [Test]
    public async Task Each_check_counts_one_up_and_nothing_else_does()
    {
        var id = await PlaceAsync(Call.CardTime);
        for (var asked = 1; asked <= 3; asked++)
        {
            Assert.That((int)(await SucceedAsync(Call.Check.With("payjs_order_id", id), 14))["nums"]!, Is.EqualTo(asked));
            var counted = await CountChecksAsync();
            await AssertErrorAsync(Call.Check.With("payjs_order_id", id + "0"), 400, "error0128");
            await AssertErrorAsync(Call.Check.With("payjs_order_id", id).With("key", "wrong"), 401, "error02");
            await Server.PluginTextAsync(Call.Paid.ToString());
            Assert.That(await CountChecksAsync(), Is.EqualTo(counted));
        }
    }

    [Test]
    public async Task An_order_that_is_not_paid_shows_no_payment_and_is_in_no_list()
    {
        var (uid, token) = await AddBuyerAsync("pending");
        foreach (var (call, type, time) in new[] { (Call.Credit, "2", "0"), (Call.CardTime, "0", "3600"), (Call.Kami, "0", "0") })
        {
            var id = await PlaceAsync(call.With("username", "pending").With("attach", "mine"));
            var order = await NewestOrderAsync();
            var kind = (int)order.Purchase.Kind;
            var credits = kind == 1 ? "10" : "0";
            AssertReply(await Server.PluginTextAsync(Call.Check.With("payjs_order_id", id).ToString()),
                $$$"""{"code":200,"result":"OK","count":14,"data":{"uid":"{{{uid}}}","pay_type":"{{{kind}}}","status":"1","payjs_order_id":"{{{id}}}","body":"doby","price":"1","creditskey":"{{{type}}}","creditsval":"{{{credits}}}","signtime":"{{{time}}}","kami":"","attach":"mine","submitdate":"{{{order.CreatedAt.ToUnixTimeSeconds()}}}","time_end":"0","nums":1}""", xml: false);
        }
        AssertReply(await Server.PluginTextAsync(Call.Paid.With("token", token).ToString()), """{"code":200,"result":"OK","count":0,"data":[]""", xml: false);
        AssertReply(await Server.PluginTextAsync(Call.Paid.With("token", token) + "&output=xml"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root><code>200</code><result>OK</result><count>0</count><data></data>", xml: true);
    }

    [Test]
    public async Task Paid_orders_are_listed_newest_first_all_or_a_page_of_them()
    {
        var (_, token) = await AddBuyerAsync("payer");
        var (call, ids) = (Call.Paid.With("token", token), new List<string>());
        // One more than the default page size of 20.
        for (var paid = 0; paid < 21; paid++)
        {
            var id = await PlaceAsync(Call.CardTime.With("username", "payer"));
            await PlaceAsync(Call.CardTime.With("username", "payer"));
            var number = await Server.WithDbAsync(db => db.Orders.Where(o => o.GatewayOrderId == id).Select(o => o.Number).SingleAsync());
            Assert.That((await Server.NotifyAsync(ScriptedGateway.Notice(number, id, 100))).Status, Is.EqualTo(HttpStatusCode.OK));
            ids.Insert(0, id);
        }

        async Task AssertListedAsync(Call asked, IEnumerable<string> expected)
        {
            var listed = expected.ToList();
            Assert.That((await SucceedAsync(asked, listed.Count)).AsArray().Select(row => (string)row!["payjs_order_id"]!), Is.EqualTo(listed));
        }

        await AssertListedAsync(call, ids);
        await AssertListedAsync(call.With("page", "").With("perpage", ""), ids);
        await AssertListedAsync(call.With("page", "1"), ids.Take(20));
        await AssertListedAsync(call.With("page", "2"), ids.Skip(20));
        await AssertListedAsync(call.With("perpage", "4"), ids.Take(4));
        await AssertListedAsync(call.With("page", "3").With("perpage", "4"), ids.Skip(8).Take(4));
        await AssertListedAsync(call.With("page", "6").With("perpage", "4"), ids.Skip(20));
        await AssertListedAsync(call.With("page", "7").With("perpage", "4"), []);
        await AssertListedAsync(call.With("page", "1").With("perpage", "200"), ids);
        // A key is ignored here, right or wrong.
        await AssertListedAsync(call.With("key", "wrong"), ids);
    }

    [TestCase("2147483647", "200")]
    [TestCase("2147483647", "1")]
    [TestCase("2147483647", "")]
    public async Task The_page_after_every_order_there_could_be_is_empty(string page, string size) =>
        await SucceedAsync(Call.Paid.With("page", page).With("perpage", size), 0);

    [Test]
    public async Task No_rules_are_an_empty_list()
    {
        await using var database = await Database.CreateAsync(Database.Kind);
        await using var server = TestServer.Start(database, Gateway.Address);
        await server.SaveSettingsAsync(new { transportKey = Call.Key });
        AssertReply(await server.PluginTextAsync(Call.Rules.ToString()), """{"code":200,"result":"OK","count":0,"data":[]""", xml: false);
        await server.AdminAsync(HttpMethod.Put, "card-rules/12", new { priceFen = 1250, credits = 1, tradeCredits = 2, seconds = 3, devices = 0 });
        AssertReply(await server.PluginTextAsync(Call.Rules.ToString()),
            """{"code":200,"result":"OK","count":1,"data":{"12":{"price":"12.5","credits":"1","jiaoyi":"2","times":"3","inttoken":"0"}}""", xml: false);
    }

    [Test]
    public async Task A_form_is_laid_over_the_query_string()
    {
        Gateway.Requests.Clear();
        var reply = await PostAsync(Call.Credit.With("money", "7").ToString(), new() { ["money"] = "1.5", ["attach"] = "from the form" });
        AssertHead(reply, xml: false);
        var sent = Gateway.Requests.Single().Form;
        Assert.That((sent["total_fee"], sent["body"], sent["attach"]), Is.EqualTo(("150", "doby", "from the form")));

        // A form field overrides the query string even if it is empty, the format too.
        await AssertErrorAsync(await PostAsync(Call.Credit.ToString(), new() { ["money"] = "" }), 401, "error06:money", xml: false);
        await AssertErrorAsync(await PostAsync(Call.Credit + "&output=xml", new() { ["body"] = "0", ["output"] = "json" }), 401, "error06:body", xml: false);
        await AssertErrorAsync(await PostAsync(Call.Credit.ToString(), new() { ["username"] = "nobody", ["output"] = "XML" }), 400, "error00112", xml: true);
        await AssertErrorAsync(await PostAsync(Call.Credit.ToString(), new() { ["key"] = "wrong" }), 401, "error02", xml: false);
        // The id may be in the form, too.
        using var all = await Server.Http.PostAsync("/plugin.php", new StringContent(
            "id=xinxiu_network_plugin%3Apayjs&" + Call.Rules.Form, System.Text.Encoding.ASCII, "application/x-www-form-urlencoded"));
        Assert.That((int)JsonNode.Parse(await all.Content.ReadAsStringAsync())!["count"]!, Is.EqualTo(4));
    }

    private async Task<HttpResponseMessage> PostAsync(string query, Dictionary<string, string> form) =>
        await Server.Http.PostAsync(TestServer.PluginPath + query, new FormUrlEncodedContent(form));

    private async Task<string> PlaceAsync(Call call) => (string)(await SucceedAsync(call, 1))["payjs_order_id"]!;

    private Task<long> CountChecksAsync() => Server.WithDbAsync(db => db.OrderChecks.SumAsync(c => c.Count));

    private async Task<(string Uid, string Token)> AddBuyerAsync(string name)
    {
        var uid = await AddUserAsync(new { userName = name });
        return (uid.ToString(CultureInfo.InvariantCulture), await IssueTokenAsync(uid));
    }
}
