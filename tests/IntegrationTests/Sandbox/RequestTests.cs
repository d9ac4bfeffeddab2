using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using PayRecharge.Sandbox;

namespace PayRecharge.IntegrationTests.Sandbox;

internal sealed class RequestTests : SandboxFixture
{
    private const string NativePath = "/sandbox/payjs/api/native";

    [Test]
    public async Task A_form_is_taken_and_its_amount_echoed_as_text()
    {
        var fields = Sandbox.Native();
        fields["body"] = "A&B=C D+E 100%25 论坛";
        fields["attach"] = "";

        var reply = await Sandbox.CallAsync("native", fields);

        Assert.That(reply["total_fee"]!.ToJsonString(), Is.EqualTo("\"1990\""));
        Assert.That((string?)(await Sandbox.OrdersAsync())[0]!["body"], Is.EqualTo("A&B=C D+E 100%25 论坛"));
    }

    [Test]
    public async Task Multipart_is_taken()
    {
        using var content = new MultipartFormDataContent();
        foreach (var (name, value) in Sandbox.Signed(Sandbox.Native()))
            content.Add(new StringContent(value), name);

        using var response = await Sandbox.Client.PostAsync(NativePath, content);
        var reply = await response.Content.ReadFromJsonAsync<JsonObject>();

        Assert.That(reply!["total_fee"]!.ToJsonString(), Is.EqualTo("\"1990\""));
    }

    [Test]
    public async Task Json_is_taken_and_its_amount_echoed_as_a_number()
    {
        var fields = new Dictionary<string, object?>
        {
            ["mchid"] = "1600000001",
            ["total_fee"] = 1000000,
            ["out_trade_no"] = "J1",
            ["attach"] = null,
            ["type"] = "",
        };
        fields["sign"] = Signature.Of(fields, "sandbox-key");

        using var response = await Sandbox.Client.PostAsJsonAsync(NativePath, fields);
        var reply = await response.Content.ReadFromJsonAsync<JsonObject>();

        Assert.That(reply!["total_fee"]!.ToJsonString(), Is.EqualTo("1000000"));
    }

    [Test]
    public async Task A_call_that_reads_may_be_a_query()
    {
        var id = await Sandbox.OrderAsync();
        var check = await GetAsync("check", new() { ["payjs_order_id"] = id });
        Assert.That(((int)check["return_code"]!, (string?)check["payjs_order_id"], (string?)check["sign"]), Is.EqualTo((1, id, Signature.Of(check, "sandbox-key"))));
        Assert.That((int)(await GetAsync("info", new() { ["mchid"] = "1600000001" }))["return_code"]!, Is.EqualTo(1));
        Assert.That((string?)JsonNode.Parse(await Sandbox.Client.GetStringAsync($"/sandbox/payjs/api/check?payjs_order_id={id}"))!["return_msg"], Is.EqualTo("签名错误"));
        Assert.That((string?)JsonNode.Parse(await Sandbox.Client.GetStringAsync("/sandbox/payjs/api/info"))!["return_msg"], Is.EqualTo("参数错误"));

        foreach (var call in new[] { "native", "close", "refund", "reverse" })
        {
            using var response = await Sandbox.Client.GetAsync($"/sandbox/payjs/api/{call}?{await QueryAsync(Sandbox.Native())}");
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed), call);
        }
        Assert.That(await Sandbox.OrdersAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_post_may_have_its_fields_in_the_query_and_a_body_is_laid_over_it()
    {
        using var response = await Sandbox.Client.PostAsync($"{NativePath}?{await QueryAsync(Sandbox.Native())}", null);
        Assert.That((await response.Content.ReadFromJsonAsync<JsonObject>())!["total_fee"]!.ToJsonString(), Is.EqualTo("\"1990\""));
        using var both = await Sandbox.Client.PostAsync($"{NativePath}?total_fee=1&sign=x", new FormUrlEncodedContent(Sandbox.Signed(Sandbox.Native())));
        Assert.That((int)(await both.Content.ReadFromJsonAsync<JsonObject>())!["return_code"]!, Is.EqualTo(1));
    }

    private async Task<JsonObject> GetAsync(string call, Dictionary<string, string> fields) =>
        JsonNode.Parse(await Sandbox.Client.GetStringAsync($"/sandbox/payjs/api/{call}?{await QueryAsync(fields)}"))!.AsObject();

    private Task<string> QueryAsync(Dictionary<string, string> fields) => new FormUrlEncodedContent(Sandbox.Signed(fields)).ReadAsStringAsync();

    [TestCase("application/json", "{\"mchid\":")]
    [TestCase("application/json", "[1]")]
    [TestCase("application/json", "{\"mchid\":{\"a\":1}}")]
    [TestCase("multipart/form-data; boundary=x", "nothing of the kind")]
    [TestCase("text/plain", "mchid=1600000001")]
    public async Task What_cannot_be_read_is_refused(string type, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        using var response = await Sandbox.Client.PostAsync(NativePath, content);
        var text = await response.Content.ReadAsStringAsync();

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(text, Is.EqualTo("""{"msg":"参数错误","return_code":0,"return_msg":"参数错误","status":0}"""));
    }

    [Test]
    public async Task A_body_beyond_all_limits_is_not_read()
    {
        var fields = Sandbox.Native();
        fields["unknown"] = new string('a', 65_536);
        Assert.That((string?)(await Sandbox.CallAsync("native", fields))["return_msg"], Is.EqualTo("参数错误"));
    }

    [TestCase("mchid", "", "mchid 不能为空")]
    [TestCase("mchid", "1600000002", "商户号错误")]
    [TestCase("total_fee", "", "total_fee 不能为空")]
    [TestCase("total_fee", "0", "total_fee 必须是 1 到 1000000 之间的整数")]
    [TestCase("total_fee", "-1", "total_fee 必须是 1 到 1000000 之间的整数")]
    [TestCase("total_fee", "1.00", "total_fee 必须是 1 到 1000000 之间的整数")]
    [TestCase("total_fee", "1000001", "total_fee 必须是 1 到 1000000 之间的整数")]
    [TestCase("total_fee", "99999999999999999999", "total_fee 必须是 1 到 1000000 之间的整数")]
    [TestCase("out_trade_no", "", "out_trade_no 不能为空")]
    [TestCase("type", "wechat", "type 参数错误")]
    [TestCase("time_expire", "20200826080808", "time_expire 参数错误")]
    [TestCase("time_expire", "tomorrow", "time_expire 参数错误")]
    [TestCase("time_expire", "00010101000000", "time_expire 参数错误")]
    [TestCase("notify_url", "http://127.0.0.1/a?b=1", "notify_url 必须是不带参数的本机地址")]
    [TestCase("notify_url", "http://example.com/notify", "notify_url 必须是不带参数的本机地址")]
    [TestCase("notify_url", "http://127.0.0.1@example.com/", "notify_url 必须是不带参数的本机地址")]
    [TestCase("notify_url", "http://10.0.0.1/", "notify_url 必须是不带参数的本机地址")]
    [TestCase("notify_url", "http://localhost.example.com/", "notify_url 必须是不带参数的本机地址")]
    [TestCase("notify_url", "file:///etc/passwd", "notify_url 必须是不带参数的本机地址")]
    [TestCase("notify_url", "/notify", "notify_url 必须是不带参数的本机地址")]
    public async Task A_wrong_field_is_refused(string name, string value, string why)
    {
        var fields = Sandbox.Native();
        fields[name] = value;

        var text = await Sandbox.TextAsync("native", fields);

        Assert.That(text, Is.EqualTo($$"""{"msg":"{{why}}","return_code":0,"return_msg":"{{why}}","status":0}"""));
    }

    [TestCase("out_trade_no", 32)]
    [TestCase("body", 64)]
    [TestCase("attach", 127)]
    public async Task Lengths_count_characters(string name, int most)
    {
        var fields = Sandbox.Native();
        fields[name] = new string('充', most);
        var longest = await Sandbox.CallAsync("native", fields);
        fields["out_trade_no"] = "another";
        fields[name] = new string('充', most + 1);
        var tooLong = await Sandbox.CallAsync("native", fields);

        Assert.That((int?)longest["return_code"], Is.EqualTo(1));
        Assert.That((string?)tooLong["return_msg"], Is.EqualTo($"{name} 长度超出限制"));
    }

    [TestCase("http://localhost:8080/a")]
    [TestCase("http://[::1]:8080/a")]
    [TestCase("https://127.3.2.1/a")]
    public async Task This_machine_may_be_notified(string url) =>
        Assert.That((int?)(await Sandbox.CallAsync("native", Sandbox.Native(url)))["return_code"], Is.EqualTo(1));

    [Test]
    public async Task A_too_long_address_is_refused() =>
        Assert.That(
            (string?)(await Sandbox.CallAsync("native", Sandbox.Native($"http://localhost/{new string('a', 240)}")))["return_msg"],
            Is.EqualTo("notify_url 长度超出限制"));

    [Test]
    public async Task A_number_is_taken_once()
    {
        var fields = Sandbox.Native();
        await Sandbox.CallAsync("native", fields);

        Assert.That((string?)(await Sandbox.CallAsync("native", fields))["return_msg"], Is.EqualTo("out_trade_no 已存在"));
    }

    [Test]
    public async Task A_wrong_or_missing_signature_is_refused()
    {
        foreach (var sign in new[] { null, "", new string('0', 32), Signature.Of(Sandbox.Native(), "sandbox-key") })
        {
            var fields = Sandbox.Native();
            if (sign is not null)
                fields["sign"] = sign;
            using var response = await Sandbox.Client.PostAsync(NativePath, new FormUrlEncodedContent(fields));
            Assert.That((string?)(await response.Content.ReadFromJsonAsync<JsonObject>())!["return_msg"], Is.EqualTo("签名错误"));
        }
    }

    [Test]
    public async Task The_key_may_change_while_orders_are_open()
    {
        var id = await Sandbox.OrderAsync();
        Sandbox.Options.MerchantKey = "another-key";

        var reply = await Sandbox.CallAsync("check", id);

        Assert.That((string?)reply["sign"], Is.EqualTo(Signature.Of(reply, "another-key")));
    }
}
