using System.Text;
using System.Text.RegularExpressions;

namespace PayRecharge.UnitTests.Legacy;

public sealed class RawTargetsOnKestrelTests : IAsyncDisposable
{
    private readonly EdgeServer _server = new(filters: true);
    private readonly EdgeServer _plain = new(filters: false);

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        await _server.StartAsync();
        await _plain.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _plain.DisposeAsync();
    }

    [Test]
    public async Task Without_the_filter_a_raw_byte_is_a_bad_request() =>
        Assert.That(await _plain.SendAsync(tls: false, Get("积分充值", Gbk)), Does.StartWith("HTTP/1.1 400"));

    [Test]
    public async Task The_same_text_arrives_six_ways([Values] bool tls, [Values("utf-8", "gb18030")] string charset)
    {
        var encoding = Encoding.GetEncoding(charset);
        var percent = string.Concat(encoding.GetBytes("积分充值").Select(b => $"%{b:X2}"));
        foreach (var request in new[] { Get(percent, encoding), Get("积分充值", encoding), Post("积分充值", encoding), Post(percent, encoding) })
            Assert.That(Bodies(await _server.SendAsync(tls, request)), Is.EqualTo(["积分充值"]));
    }

    [Test]
    public async Task Raw_targets_go_through_on_a_kept_connection_with_a_form_in_between([Values] bool tls, [Values] bool pipelined)
    {
        byte[][] pieces = [Get("值", Gbk, close: false), Post("值", Gbk, close: false), Get("充值", Encoding.UTF8, close: false), Get("值", Gbk)];
        if (pipelined)
            pieces = [[.. pieces.SelectMany(piece => piece)]];
        Assert.That(Bodies(await _server.SendAsync(tls, pieces)), Is.EqualTo(["值", "值", "充值", "值"]));
    }

    [Test]
    public async Task A_raw_target_may_come_byte_by_byte([Values] bool tls) =>
        Assert.That(
            Bodies(await _server.SendAsync(tls, [.. Get("积分充值", Gbk).Select(b => new[] { b })])), Is.EqualTo(["积分充值"]));

    [Test]
    public async Task A_request_line_of_32_kB_is_served_though_each_byte_becomes_three()
    {
        var text = new string('值', ((32 * 1024) - 64) / 2);
        Assert.That(Bodies(await _server.SendAsync(tls: false, Get(text, Gbk))), Is.EqualTo([text]));
        Assert.That(await _server.SendAsync(tls: false, Get(text + text, Gbk)), Does.StartWith("HTTP/1.1 4"));
    }

    [Test]
    public async Task A_form_over_64_kB_is_refused([Values(0, 1)] int excess)
    {
        var reply = await _server.SendAsync(tls: false, Post(new string('a', (64 * 1024) - "body=".Length + excess), Gbk));
        Assert.That(reply, Does.StartWith(excess == 0 ? "HTTP/1.1 200" : "HTTP/1.1 413"));
    }

    // Each hides a second request if the filter and the server disagree about the end of the first one.
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n16\r\n{0}\r\n0\r\n\r\n")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n16\r\n{0}\r\n0\r\n\r\n")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 5\r\n\r\n16\r\n{0}\r\n0\r\n\r\n")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 22\r\n\r\n{0}")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: \t022 \t\r\n\r\n{0}")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +22\r\n\r\n{0}")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 22, 22\r\n\r\n{0}")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 22\r\n\r\n{0}")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length : 22\r\n\r\n{0}")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nX: a\r\n Content-Length: 22\r\n\r\n{0}")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nX: a\rContent-Length: 22\r\n\r\n{0}")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nX: a\nContent-Length: 22\r\n\r\n{0}")]
    [TestCase("POST /echo HTTP/1.1\nHost: x\nContent-Length: 22\n\n{0}")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 22\r\n\n{0}")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nContent_Length: 22\r\n\r\n{0}")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\n:\r\nContent-Length: 22\r\n\r\n{0}")]
    [TestCase("GET /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 22\r\n\r\n{0}")]
    [TestCase("DELETE /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 22\r\nExpect: 100-continue\r\n\r\n{0}")]
    [TestCase("HEAD /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 22\r\n\r\n{0}")]
    [TestCase("POST /echo HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nContent-Length: 22\r\n\r\n{0}")]
    [TestCase("\r\n\n\r\rPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 22\r\n\r\n{0}\n\n")]
    [TestCase("GET /echo\r\n\r\n{0}")]
    [TestCase("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{0}")]
    public async Task A_request_without_a_raw_target_is_answered_as_without_the_filter(string request)
    {
        var sent = Encoding.Latin1.GetBytes(request.Replace("{0}", "GET /ab\xD6\xB5 HTTP/1.1\r\n\r\n", StringComparison.Ordinal)
            + "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.That(Undated(await _server.SendAsync(tls: false, sent)), Is.EqualTo(Undated(await _plain.SendAsync(tls: false, sent))));
    }

    // A raw target as a separate request, after an unusual one.
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b;c\r\na=b\r\n0\r\nX-Trailer: a\r\n\r\n")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, CHUNKED\r\n\r\n0003\r\na=b\r\n000\r\n\r\n")]
    [TestCase("POST /unread HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n")]
    [TestCase("POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b")]
    [TestCase("GET /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0000000000000000000000003\r\n\r\na=b")]
    [TestCase("GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n")]
    [TestCase("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\na=b")]
    [TestCase("GET /echo HTTP/1.1\r\nHost: x\r\nConnection: user-agent\r\n\r\n")]
    [TestCase("GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n")]
    [TestCase("PROPFIND-X /echo HTTP/1.1\r\nHost: x\r\n\r\n")]
    [TestCase("A_B /echo HTTP/1.1\r\nHost: x\r\n\r\n")]
    [TestCase("get /echo HTTP/1.1\r\nHost: x\r\n\r\n")]
    [TestCase("VERYLONGMETHODINDEED /echo HTTP/1.1\r\nHost: x\r\n\r\n")]
    [TestCase("HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n")]
    [TestCase("CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n")]
    [TestCase("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")]
    [TestCase("GET /echo HTTP/1.1\nHost: x\n\n")]
    [TestCase("GET /echo  HTTP/1.1\r\nHost: x\r\nX(A): b\r\n\r\n")]
    [TestCase("POST /plugin.php HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")]
    [TestCase("\r\n\n\r\rGET /echo HTTP/1.1\r\nHost: x\r\n\r\n\n\n")]
    [TestCase("GET /throws HTTP/1.1\r\nHost: x\r\n\r\n")]
    public async Task A_raw_target_goes_through_after_any_request_that_the_server_goes_on_after(string before)
    {
        var first = Encoding.Latin1.GetBytes(before);
        foreach (var (tls, pieces) in new[] { (false, new[] { first, Get("值", Gbk) }), (false, [[.. first, .. Get("值", Gbk)]]), (true, [.. first.Select(b => new[] { b }), Get("值", Gbk)]) })
        {
            var reply = await _server.SendAsync(tls, pieces);
            Assert.That(Bodies(reply).LastOrDefault(), Is.EqualTo("值"), reply);
        }
    }

    [Test]
    public async Task After_a_request_whose_end_is_not_known_the_connection_ends()
    {
        // The handler throws and leaves the body unread.
        var reply = await _server.SendAsync(tls: false, [.. Encoding.Latin1.GetBytes("POST /throws HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b"), .. Get("值", Gbk, close: false)]);
        Assert.That(Regex.Count(reply, "HTTP/1.1 "), Is.EqualTo(1), reply);
    }

    [Test]
    public async Task A_post_of_http_1_0_without_a_length_has_no_body([Values("\r\n", "\n")] string end, [Values] bool raw)
    {
        var body = raw ? "值" : "%D6%B5";
        var reply = await _server.SendAsync(tls: false, Gbk.GetBytes($"POST /plugin.php?body={body} HTTP/1.0{end}{end}"));
        Assert.That(Bodies(reply), Is.EqualTo(["值"]), reply);
        var sent = Gbk.GetBytes($"POST /plugin.php?body={body} HTTP/1.0{end}Content-Type: application/x-www-form-urlencoded{end}Content-Length: 6{end}{end}body=a");
        Assert.That(Bodies(await _server.SendAsync(tls: false, sent)), Is.EqualTo(["a"]));
    }

    [TestCase("/plugin.php#/../api/admin/settings")]
    [TestCase("/plugin.php?body=a#b")]
    [TestCase("/plugin.php?body=\xD6\xB5#")]
    [TestCase("http://x/plugin.php?body=a#b")]
    [TestCase("#")]
    public async Task A_number_sign_in_a_target_is_refused_and_the_connection_ends(string target)
    {
        var sent = Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
        var reply = await _server.SendAsync(tls: false, [.. Get("a", Gbk, close: false), .. sent, .. Get("b", Gbk, close: false)]);
        Assert.That(Regex.Matches(reply, @"HTTP/1\.1 (\d+)").Select(m => m.Groups[1].Value), Is.EqualTo(["200", "400"]), reply);
        Assert.That(Bodies(await _server.SendAsync(tls: false, Get("%23", Gbk))), Is.EqualTo(["#"]));
    }

    private static string Undated(string replies) => Regex.Replace(replies, "\r\nDate:[^\r]*", "");

    private static Encoding Gbk => CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!;

    private static byte[] Get(string value, Encoding encoding, bool close = true) =>
        encoding.GetBytes($"GET /plugin.php?id=xinxiu_network_plugin:payjs&body={value} HTTP/1.1\r\nHost: x\r\n{End(close)}");

    private static byte[] Post(string value, Encoding encoding, bool close = true)
    {
        var body = encoding.GetBytes("body=" + value);
        return [.. encoding.GetBytes("POST /plugin.php?body=query HTTP/1.1\r\nHost: x\r\n"
            + $"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nContent-Length: {body.Length}\r\n{End(close)}"), .. body];
    }

    private static string End(bool close) => close ? "Connection: close\r\n\r\n" : "\r\n";

    private static string[] Bodies(string replies) => [.. Regex.Matches(replies, @"\[(.*?)\]").Select(m => m.Groups[1].Value)];
}
