using System.Text;
using System.Text.Json.Nodes;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>Chinese text in either charset, sent in any way, comes back as the same escapes and reaches the gateway as UTF-8.</summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class ClientBytesTests(DatabaseKind kind) : PluginFixture(kind)
{
    private const string Title = "积分充值";
    private const string TitleEscaped = """\u79ef\u5206\u5145\u503c""";

    /// <summary>One character whose GBK bytes (D6 B5) are also well-formed UTF-8.</summary>
    private const string Value = "值";

    private const string ValueEscaped = """\u503c""";

    private const string Boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

    public enum Way
    {
        PercentInUrl,
        LowerPercentInUrl,
        RawInUrl,
        PercentInForm,
        RawInForm,
        Multipart,
    }

    public enum Charset
    {
        Utf8,
        Gbk,
    }

    private static Encoding Of(Charset charset)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        return charset == Charset.Utf8 ? new UTF8Encoding(false, true) : Encoding.GetEncoding("gbk", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
    }

    [Test]
    public async Task The_title_comes_back(
        [Values] Way way, [Values] Charset charset, [Values("Auto", "same")] string setting, [Values(Title, Value, "积分 (100元) & <VIP>")] string text)
    {
        // Auto reads D6 B5 alone as GBK 值; in UTF-8 值 has three bytes, so both are read correctly.
        if (setting == "same") await ChangeSettingsAsync(new { charset = charset.ToString() });
        await AssertTakenAsync(Request(way, Of(charset).GetBytes(text)), text);
    }

    [TestCase(Title, TitleEscaped)]
    [TestCase(Value, ValueEscaped)]
    public async Task The_escapes_are_lower_case(string text, string escaped)
    {
        foreach (var charset in Enum.GetValues<Charset>())
        {
            var id = await PlaceAsync(Request(Way.RawInUrl, Of(charset).GetBytes(text)));
            Assert.That(await Server.PluginTextAsync(Call.Check.With("payjs_order_id", id).ToString()), Does.Contain($"\"body\":\"{escaped}\","));
            Assert.That(await Server.PluginTextAsync(Call.Check.With("payjs_order_id", id) + "&output=xml"), Does.Contain($"<body>{text}</body>"));
        }
    }

    [Test]
    public async Task Where_the_owner_says_utf8_gbk_is_error0127([Values] Way way)
    {
        await ChangeSettingsAsync(new { charset = "Utf8" });
        AssertError((await RawConnection.AskAsync(Server.Address, Request(way, Of(Charset.Gbk).GetBytes(Title)))).Body, 400, "error0127", xml: false);
        // As UTF-8 these two bytes are a Hebrew point, and the setting says UTF-8.
        await AssertTakenAsync(Request(way, Of(Charset.Gbk).GetBytes(Value)), "\u05B5");
    }

    [Test]
    public async Task Where_the_owner_says_gbk_utf8_is_read_as_gbk([Values] Way way)
    {
        await ChangeSettingsAsync(new { charset = "Gbk" });
        // Six bytes: three GBK characters.
        var bytes = Of(Charset.Utf8).GetBytes("积分");
        await AssertTakenAsync(Request(way, bytes), Of(Charset.Gbk).GetString(bytes));
        // The last byte of 值 is then half of a GBK character.
        AssertError((await RawConnection.AskAsync(Server.Address, Request(way, Of(Charset.Utf8).GetBytes(Title)))).Body, 400, "error0127", xml: false);
    }

    [Test]
    public async Task One_charset_is_for_the_whole_request()
    {
        // The GBK bytes of 值 fit both charsets; the other field decides for both.
        var (gbk, utf8) = (Of(Charset.Gbk), Of(Charset.Utf8));
        byte[] Ask(byte[] body, byte[] attach) => RawConnection.Get(
            [.. Encoding.ASCII.GetBytes(TestServer.PluginPath + Call.Credit.Without("body")), .. "&body="u8, .. body, .. "&attach="u8, .. attach]);
        await AssertTakenAsync(Ask(gbk.GetBytes(Value), gbk.GetBytes(Title)), Value);
        await AssertTakenAsync(Ask(gbk.GetBytes(Value), utf8.GetBytes(Title)), "\u05B5");
        await AssertTakenAsync(Ask(utf8.GetBytes(Title), []), Title);
    }

    [Test]
    public async Task On_one_connection_every_request_is_read_for_itself([Values] bool pipelined)
    {
        (Way Way, Charset Charset, string Text)[] orders =
        [
            (Way.RawInUrl, Charset.Gbk, Title),
            (Way.RawInForm, Charset.Gbk, Title),
            (Way.RawInUrl, Charset.Utf8, Title),
            (Way.RawInForm, Charset.Utf8, "GET /plugin.php?积分=充值 HTTP/1.1\t"),
            (Way.PercentInUrl, Charset.Gbk, Value),
            (Way.Multipart, Charset.Gbk, Title),
            (Way.RawInUrl, Charset.Gbk, Value),
            (Way.PercentInUrl, Charset.Utf8, Title),
        ];
        var requests = orders.Select(o => Request(o.Way, Of(o.Charset).GetBytes(o.Text))).ToList();
        using var connection = await RawConnection.OpenAsync(Server.Address);
        var replies = new List<RawReply>();
        if (pipelined) await connection.SendAsync([.. requests.SelectMany(r => r)]);
        foreach (var request in requests)
        {
            if (!pipelined) await connection.SendAsync(request);
            replies.Add(await connection.ReadReplyAsync());
        }
        foreach (var (order, reply) in orders.Zip(replies))
        {
            Assert.That(reply.Status, Is.EqualTo(200), reply.Head);
            Assert.That(await BodyOfAsync(IdIn(reply.Body)), Is.EqualTo(order.Text.Trim()));
        }
    }

    [Test]
    public async Task Raw_bytes_may_stand_in_a_name_that_nobody_knows_and_in_the_user_name()
    {
        await AddUserAsync(new { userName = Title });
        foreach (var charset in Enum.GetValues<Charset>())
        {
            var name = Of(charset).GetBytes(Title);
            await PlaceAsync(RawConnection.Get(
                [.. Encoding.ASCII.GetBytes(TestServer.PluginPath + Call.Credit.Without("username")), .. "&username="u8, .. name, .. "&"u8, .. name, .. "="u8, .. name]));
        }
    }

    private static byte[] Request(Way way, byte[] text)
    {
        var query = TestServer.PluginPath + Call.Credit.Without("body");
        var percent = string.Concat(text.Select(b => $"%{b:X2}"));
        return way switch
        {
            Way.PercentInUrl => RawConnection.Get(query + "&body=" + percent),
            Way.LowerPercentInUrl => RawConnection.Get(query + "&body=" + percent.ToLowerInvariant()),
            Way.RawInUrl => RawConnection.Get([.. Encoding.ASCII.GetBytes(query + "&body="), .. Escaped(text)]),
            Way.PercentInForm => RawConnection.Post(TestServer.PluginPath, Encoding.ASCII.GetBytes(Call.Credit.Without("body").Form + "&body=" + percent)),
            Way.RawInForm => RawConnection.Post(TestServer.PluginPath, [.. Encoding.ASCII.GetBytes(Call.Credit.Without("body").Form + "&body="), .. Escaped(text)]),
            _ => RawConnection.Post(query, $"multipart/form-data; boundary={Boundary}",
                [.. Encoding.ASCII.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\n"), .. text, .. Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n")]),
        };
    }

    /// <summary>Like clients that percent-encode only the bytes that would end the value or the line.</summary>
    private static byte[] Escaped(byte[] text) =>
        [.. text.SelectMany(b => b is (byte)'&' or (byte)' ' or (byte)'+' or (byte)'%' or (byte)'\t' ? Encoding.ASCII.GetBytes($"%{b:X2}") : [b])];

    private async Task AssertTakenAsync(byte[] request, string text)
    {
        Gateway.Requests.Clear();
        var id = await PlaceAsync(request);
        Assert.That(Gateway.Requests.Single().Form["body"], Is.EqualTo(text));
        Assert.That(await BodyOfAsync(id), Is.EqualTo(text));
    }

    private async Task<string> PlaceAsync(byte[] request)
    {
        var reply = await RawConnection.AskAsync(Server.Address, request);
        Assert.That(reply.Status, Is.EqualTo(200), reply.Head);
        return IdIn(reply.Body);
    }

    private static string IdIn(string reply)
    {
        Assert.That(reply, Does.StartWith("""{"code":200,"result":"OK","count":1,"data":{"code_url":"""));
        return (string)JsonNode.Parse(reply)!["data"]!["payjs_order_id"]!;
    }

    private async Task<string> BodyOfAsync(string id)
    {
        var text = await Server.PluginTextAsync(Call.Check.With("payjs_order_id", id).ToString());
        Assert.That(text, Has.All.InRange(' ', '~'), "replies are pure ASCII");
        return (string)JsonNode.Parse(text)!["data"]!["body"]!;
    }
}
