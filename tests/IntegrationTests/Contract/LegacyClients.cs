using System.Text;
using System.Text.RegularExpressions;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>A client's reply: the list of card keys, an order with the title below, only the head, or the server's refusal.</summary>
internal enum Outcome
{
    List,
    Order,
    Head,
    Refused,
}

/// <summary>
/// Requests that imitate the clients in the field, written from their documented behaviour: the headers' order and case, and the text's
/// encoding. Line ends become CRLF. <c>{gbk}</c>, <c>{utf8}</c>: the title 积分充值 as raw bytes; <c>{%gbk}</c>, <c>{%utf8}</c>: the title
/// percent-encoded; <c>{length}</c>: the length of the body.
/// </summary>
internal sealed partial record LegacyClient(string Name, Outcome Outcome, string Text)
{
    public const string Title = "积分充值";

    private const string List = TestServer.PluginPath + "&key=" + Call.Key + "&action=payjs_kamis_list";
    private const string Credit = TestServer.PluginPath + "&key=" + Call.Key + "&action=payjs_credit&money=1&credits=2&username=demo";
    private const string Form = "id=xinxiu_network_plugin:payjs&key=" + Call.Key + "&action=payjs_credit&money=1&credits=2&username=demo";
    private const string FormType = "application/x-www-form-urlencoded";
    private const string WinHttp = "Mozilla/4.0 (compatible; Win32; WinHttp.WinHttpRequest.5)";
    private const string Explorer = "Mozilla/4.0 (compatible; MSIE 9.0; Windows NT 6.1)";

    /// <summary>The exact bytes to send.</summary>
    public byte[] Bytes { get; } = Encode(Text);

    public static IReadOnlyList<LegacyClient> All { get; } =
    [
        // Easy language: WinINet, WinHTTP and the wrappers around them.
        Orders("WinINet, GBK in the URL", $"GET {Credit}&body={{gbk}} HTTP/1.1\nAccept: */*\nUser-Agent: {Explorer}\nHost: pay.example.com\nCache-Control: no-cache\n\n"),
        Orders("WinINet, the URL as Referer", $"GET {Credit}&body={{gbk}} HTTP/1.1\nReferer: http://pay.example.com{Credit}&body={{gbk}}\nAccept: */*\nAccept-Language: zh-cn\nUser-Agent: {Explorer}\nHost: pay.example.com\nConnection: Keep-Alive\nPragma: no-cache\n\n"),
        Orders("WinINet, name of the program as agent", $"GET {Credit}&body={{gbk}} HTTP/1.1\nUser-Agent: {{gbk}}\nHost: pay.example.com\nConnection: Keep-Alive\n\n"),
        Orders("WinINet, cookie in GBK", $"GET {Credit}&body={{%gbk}} HTTP/1.1\nAccept: */*\nUser-Agent: {Explorer}\nHost: pay.example.com\nCookie: user={{gbk}}; sid=1\n\n"),
        Orders("WinINet, UTF-8 in the URL", $"GET {Credit}&body={{utf8}} HTTP/1.1\nAccept: */*\nUser-Agent: {Explorer}\nHost: pay.example.com\n\n"),
        Orders("WinINet, POST with GBK", $"POST {TestServer.PluginPath} HTTP/1.1\nAccept: */*\nContent-Type: {FormType}\nUser-Agent: {Explorer}\nHost: pay.example.com\nContent-Length: {{length}}\nConnection: Keep-Alive\nCache-Control: no-cache\n\n{Form}&body={{gbk}}"),
        Lists("WinINet by a proxy's manner", $"GET http://pay.example.com:8080{List} HTTP/1.1\nAccept: */*\nUser-Agent: {Explorer}\nHost: pay.example.com\nProxy-Connection: Keep-Alive\n\n"),
        Orders("WinHTTP, GBK percent-encoded", $"GET {Credit}&body={{%gbk}} HTTP/1.1\nConnection: Keep-Alive\nAccept: */*\nUser-Agent: {WinHttp}\nHost: pay.example.com\n\n"),
        Orders("WinHTTP, POST", $"POST {TestServer.PluginPath} HTTP/1.1\nConnection: Keep-Alive\nContent-Type: {FormType}\nAccept: */*\nUser-Agent: {WinHttp}\nContent-Length: {{length}}\nHost: pay.example.com\n\n{Form}&body={{gbk}}"),
        Orders("WinHTTP, POST with charset=UTF-8 on GBK", $"POST {TestServer.PluginPath} HTTP/1.1\nConnection: Keep-Alive\nContent-Type: {FormType}; Charset=UTF-8\nAccept: */*\nUser-Agent: {WinHttp}\nContent-Length: {{length}}\nHost: pay.example.com\n\n{Form}&body={{gbk}}"),
        Orders("wrapper, a slash too many", $"GET /{Credit}&body={{gbk}} HTTP/1.1\nAccept: */*\nReferer: http://pay.example.com//{{gbk}}\nUser-Agent: {Explorer}\nHost: pay.example.com\n\n"),
        Orders("wrapper, two slashes too many", $"GET //{Credit}&body={{utf8}} HTTP/1.1\nAccept: */*\nUser-Agent: {Explorer}\nHost: pay.example.com\n\n"),
        Lists("wrapper, path behind the script", $"GET /plugin.php/?{List[(List.IndexOf('?', StringComparison.Ordinal) + 1)..]} HTTP/1.1\nHost: pay.example.com\n\n"),
        Lists("wrapper, empty header value", $"GET {List} HTTP/1.1\nReferer:\nCookie: \nHost: pay.example.com\n\n"),
        Lists("wrapper, own headers in Chinese", $"GET {List} HTTP/1.1\nX-Client: {{gbk}}\nX-Version: {{utf8}}\nHost: pay.example.com\n\n"),
        Orders("wrapper, get in lower case", $"get {Credit}&body={{gbk}} HTTP/1.1\nHost: pay.example.com\n\n"),
        Orders("wrapper, HTTP/1.0 POST without a length", $"POST {Credit}&body={{gbk}} HTTP/1.0\nHost: pay.example.com\nContent-Type: {FormType}\n\n"),
        Orders("wrapper, POST without a length", $"POST {Credit}&body={{gbk}} HTTP/1.1\nHost: pay.example.com\nConnection: Keep-Alive\n\n"),
        Orders("wrapper, POST with nothing in it", $"POST {Credit}&body={{utf8}} HTTP/1.1\nHost: pay.example.com\nContent-Type: {FormType}\nContent-Length: 0\n\n"),
        Orders("wrapper, POST without a content type", $"POST {Credit}&body={{gbk}} HTTP/1.1\nHost: pay.example.com\nContent-Length: {{length}}\n\nbody=other"),
        // Delphi.
        Orders("Indy 9, GET", $"GET {Credit}&body={{gbk}} HTTP/1.1\nHost: pay.example.com\nAccept: text/html, */*\nUser-Agent: Mozilla/3.0 (compatible; Indy Library)\n\n"),
        Orders("Indy 9, HTTP/1.0", $"GET {Credit}&body={{gbk}} HTTP/1.0\nConnection: keep-alive\nHost: pay.example.com\nAccept: text/html, */*\nUser-Agent: Mozilla/3.0 (compatible; Indy Library)\n\n"),
        Orders("Indy 10, POST", $"POST {TestServer.PluginPath} HTTP/1.0\nConnection: keep-alive\nContent-Type: {FormType}\nContent-Length: {{length}}\nHost: pay.example.com\nAccept: text/html, */*\nAccept-Encoding: identity\nUser-Agent: Mozilla/3.0 (compatible; Indy Library)\n\n{Form}&body={{%utf8}}"),
        Orders("Indy 10, multipart", $"POST {Credit} HTTP/1.0\nConnection: keep-alive\nContent-Type: multipart/form-data; boundary=--------112911140932442\nContent-Length: {{length}}\nHost: pay.example.com\nUser-Agent: Mozilla/3.0 (compatible; Indy Library)\n\n----------112911140932442\nContent-Disposition: form-data; name=\"body\"\n\n{{gbk}}\n----------112911140932442--\n"),
        Lists("Synapse", $"GET {List} HTTP/1.0\nHost: pay.example.com\nUser-Agent: Mozilla/4.0 (compatible; Synapse)\n\n"),
        // Visual Basic 6.
        Orders("MSXML, GET", $"GET {Credit}&body={{utf8}} HTTP/1.1\nAccept: */*\nAccept-Language: zh-cn\nUser-Agent: {Explorer}\nHost: pay.example.com\nConnection: Keep-Alive\n\n"),
        Orders("MSXML, POST", $"POST {TestServer.PluginPath} HTTP/1.1\nAccept: */*\nAccept-Language: zh-cn\nContent-Type: {FormType}\nUser-Agent: {Explorer}\nHost: pay.example.com\nContent-Length: {{length}}\nConnection: Keep-Alive\nCache-Control: no-cache\n\n{Form}&body={{utf8}}"),
        Lists("MSXML, cache asked", $"GET {List} HTTP/1.1\nAccept: */*\nIf-Modified-Since: 0\nUser-Agent: {Explorer}\nHost: pay.example.com\n\n"),
        Orders("Inet control", $"GET {Credit}&body={{gbk}} HTTP/1.1\nUser-Agent: Microsoft URL Control - 6.01.9816\nHost: pay.example.com\nConnection: Keep-Alive\nCache-Control: no-cache\n\n"),
        Orders("Winsock by hand, HTTP/1.0 without Host", $"GET {Credit}&body={{gbk}} HTTP/1.0\n\n"),
        // Old .NET.
        Orders("WebClient, UTF-8 percent-encoded", $"GET {Credit}&body={{%utf8}} HTTP/1.1\nHost: pay.example.com\nConnection: Keep-Alive\n\n"),
        Orders("WebClient, UploadString", $"POST {TestServer.PluginPath} HTTP/1.1\nContent-Type: {FormType}\nHost: pay.example.com\nContent-Length: {{length}}\nExpect: 100-continue\nConnection: Keep-Alive\n\n{Form}&body={{%gbk}}"),
        Orders("HttpWebRequest, POST", $"POST {TestServer.PluginPath} HTTP/1.1\nContent-Type: {FormType};charset=gb2312\nUser-Agent: {{gbk}}\nHost: pay.example.com\nContent-Length: {{length}}\nExpect: 100-continue\n\n{Form}&body={{gbk}}"),
        Orders("HttpWebRequest, chunked", $"POST {Credit} HTTP/1.1\nContent-Type: {FormType}\nHost: pay.example.com\nTransfer-Encoding: chunked\nExpect: 100-continue\n\nd\nbody={{gbk}}\n0\n\n"),
        Lists("HttpWebRequest, HTTP/1.0", $"GET {List} HTTP/1.0\nHost: pay.example.com\nConnection: Keep-Alive\n\n"),
        // Java.
        Orders("HttpURLConnection, GBK by URLEncoder", $"GET {Credit}&body={{%gbk}} HTTP/1.1\nUser-Agent: Java/1.6.0_45\nHost: pay.example.com\nAccept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\nConnection: keep-alive\n\n"),
        Orders("HttpURLConnection, GBK in the URL", $"GET {Credit}&body={{gbk}} HTTP/1.1\nUser-Agent: Java/1.4.2\nHost: pay.example.com\nAccept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\nConnection: keep-alive\n\n"),
        Orders("HttpURLConnection, POST", $"POST {TestServer.PluginPath} HTTP/1.1\nUser-Agent: Java/1.8.0_202\nHost: pay.example.com\nAccept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\nConnection: keep-alive\nContent-type: {FormType}\nContent-Length: {{length}}\n\n{Form}&body={{gbk}}"),
        Orders("HttpURLConnection, streaming", $"POST {Credit} HTTP/1.1\nUser-Agent: Java/1.8.0_202\nHost: pay.example.com\nConnection: keep-alive\nContent-type: {FormType}\nTransfer-Encoding: chunked\n\n5\nbody=\n8\n{{gbk}}\n0\n\n"),
        Orders("Apache HttpClient", $"POST {TestServer.PluginPath} HTTP/1.1\nContent-Length: {{length}}\nContent-Type: {FormType}; charset=GBK\nHost: pay.example.com\nConnection: Keep-Alive\nUser-Agent: Apache-HttpClient/4.5.2 (Java/1.8.0_77)\nAccept-Encoding: gzip,deflate\n\n{Form}&body={{%gbk}}"),
        Orders("OkHttp", $"POST {TestServer.PluginPath} HTTP/1.1\nContent-Type: {FormType}\nContent-Length: {{length}}\nHost: pay.example.com\nConnection: Keep-Alive\nUser-Agent: okhttp/3.12.1\n\n{Form}&body={{%utf8}}"),
        // PHP.
        Orders("file_get_contents", $"GET {Credit}&body={{utf8}} HTTP/1.0\nHost: pay.example.com\nConnection: close\n\n"),
        Orders("file_get_contents, POST", $"POST {TestServer.PluginPath} HTTP/1.0\nHost: pay.example.com\nConnection: close\nContent-Length: {{length}}\nContent-Type: {FormType}\n\n{Form}&body={{%utf8}}"),
        Orders("PHP curl, array of fields", $"POST {Credit} HTTP/1.1\nHost: pay.example.com\nAccept: */*\nContent-Length: {{length}}\nExpect: 100-continue\nContent-Type: multipart/form-data; boundary=------------------------d74496d66958873e\n\n--------------------------d74496d66958873e\nContent-Disposition: form-data; name=\"body\"\n\n{{utf8}}\n--------------------------d74496d66958873e--\n"),
        Orders("fsockopen by hand", $"POST {TestServer.PluginPath} HTTP/1.1\nHost: pay.example.com\nContent-type: {FormType}\nContent-length: {{length}}\nConnection: close\n\n{Form}&body={{gbk}}\n\n"),
        // curl.
        Orders("curl, raw URL", $"GET {Credit}&body={{utf8}} HTTP/1.1\nHost: pay.example.com\nUser-Agent: curl/7.68.0\nAccept: */*\n\n"),
        Orders("curl -d", $"POST {TestServer.PluginPath} HTTP/1.1\nHost: pay.example.com\nUser-Agent: curl/7.68.0\nAccept: */*\nContent-Length: {{length}}\nContent-Type: {FormType}\n\n{Form}&body={{utf8}}"),
        Orders("curl -F", $"POST {Credit} HTTP/1.1\nHost: pay.example.com\nUser-Agent: curl/7.68.0\nAccept: */*\nContent-Length: {{length}}\nContent-Type: multipart/form-data; boundary=------------------------0123456789abcdef\n\n--------------------------0123456789abcdef\nContent-Disposition: form-data; name=\"body\"\n\n{{gbk}}\n--------------------------0123456789abcdef--\n"),
        Orders("curl -G --data-urlencode", $"GET {Credit}&body={{%utf8}} HTTP/1.1\nHost: pay.example.com\nUser-Agent: curl/7.68.0\nAccept: */*\n\n"),
        Lists("curl --http1.0", $"GET {List} HTTP/1.0\nHost: pay.example.com\nUser-Agent: curl/7.68.0\nAccept: */*\n\n"),
        new("curl -I", Outcome.Head, $"HEAD {List} HTTP/1.1\nHost: pay.example.com\nUser-Agent: curl/7.68.0\nAccept: */*\n\n"),
        Orders("curl --http2", $"GET {Credit}&body={{gbk}} HTTP/1.1\nHost: pay.example.com\nUser-Agent: curl/7.68.0\nAccept: */*\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\n\n"),
        Orders("curl -d --http2", $"POST {TestServer.PluginPath} HTTP/1.1\nHost: pay.example.com\nUser-Agent: curl/7.68.0\nAccept: */*\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\nContent-Length: {{length}}\nContent-Type: {FormType}\n\n{Form}&body={{gbk}}"),
        Orders("curl -T - (chunked)", $"POST {Credit} HTTP/1.1\nHost: pay.example.com\nUser-Agent: curl/7.68.0\nAccept: */*\nTransfer-Encoding: chunked\nContent-Type: {FormType}\nExpect: 100-continue\n\nD;note=a\nbody={{gbk}}\n0\nX-Trailer: a\n\n"),
        Lists("curl -x (proxy)", $"GET http://pay.example.com{List} HTTP/1.1\nHost: pay.example.com\nUser-Agent: curl/7.68.0\nAccept: */*\nProxy-Connection: Keep-Alive\n\n"),
        Lists("curl -X PUT", $"PUT {List} HTTP/1.1\nHost: pay.example.com\nUser-Agent: curl/7.68.0\nAccept: */*\n\n"),
        Lists("curl -r", $"GET {List} HTTP/1.1\nHost: pay.example.com\nRange: bytes=0-\nUser-Agent: curl/7.68.0\nAccept: */*\n\n"),
        Lists("curl -d on a GET", $"GET {List} HTTP/1.1\nHost: pay.example.com\nUser-Agent: curl/7.68.0\nContent-Type: {FormType}\nContent-Length: {{length}}\n\nbody=other"),
        // Others.
        Orders("Lua socket.http", $"GET {Credit}&body={{gbk}} HTTP/1.1\nhost: pay.example.com\nconnection: close, TE\nte: trailers\nuser-agent: LuaSocket 3.0-rc1\n\n"),
        Orders("Lua socket.http, POST", $"POST {TestServer.PluginPath} HTTP/1.1\nconnection: close, TE\ncontent-type: {FormType}\ncontent-length: {{length}}\nuser-agent: LuaSocket 3.0-rc1\nte: trailers\nhost: pay.example.com\n\n{Form}&body={{gbk}}"),
        Orders("QNetworkAccessManager", $"GET {Credit}&body={{%utf8}} HTTP/1.1\nHost: pay.example.com\nConnection: Keep-Alive\nAccept-Encoding: gzip, deflate\nAccept-Language: zh-CN,en,*\nUser-Agent: Mozilla/5.0\n\n"),
        Orders("QNetworkAccessManager, POST", $"POST {TestServer.PluginPath} HTTP/1.1\nHost: pay.example.com\nContent-Type: {FormType}\nContent-Length: {{length}}\nConnection: Keep-Alive\nAccept-Language: zh-CN,en,*\nUser-Agent: Mozilla/5.0\n\n{Form}&body={{utf8}}"),
        Orders("busybox wget", $"GET {Credit}&body={{utf8}} HTTP/1.1\nHost: pay.example.com\nUser-Agent: Wget\nConnection: close\n\n"),
        Orders("busybox wget --post-data", $"POST {TestServer.PluginPath} HTTP/1.1\nHost: pay.example.com\nUser-Agent: Wget\nConnection: close\nContent-Type: {FormType}\nContent-Length: {{length}}\n\n{Form}&body={{gbk}}"),
        Orders("python requests", $"POST {TestServer.PluginPath} HTTP/1.1\nHost: pay.example.com\nUser-Agent: python-requests/2.18.4\nAccept-Encoding: identity\nAccept: */*\nConnection: keep-alive\nContent-Length: {{length}}\nContent-Type: {FormType}\n\n{Form}&body={{%utf8}}"),
        Orders("python http.client, generator", $"POST {Credit} HTTP/1.1\nHost: pay.example.com\nAccept-Encoding: identity\nTransfer-Encoding: chunked\nContent-Type: {FormType}\n\n5\nbody=\n8\n{{gbk}}\n0\n\n"),
        Orders("blank lines before the request", $"\n\nGET {Credit}&body={{gbk}} HTTP/1.1\nHost: pay.example.com\n\n"),
        // Refused by Apache, too.
        Refused("a # in the target", $"GET {List}#top HTTP/1.1\nHost: pay.example.com\n\n"),
        Refused("a # before the query", $"GET /plugin.php#/../api/admin/settings HTTP/1.1\nHost: pay.example.com\n\n"),
        Refused("a blank in the target", $"GET {Credit}&body=a b HTTP/1.1\nHost: pay.example.com\n\n"),
        Refused("no Host with HTTP/1.1", $"GET {List} HTTP/1.1\n\n"),
        Refused("two Hosts", $"GET {List} HTTP/1.1\nHost: pay.example.com\nHost: pay.example.com\n\n"),
        Refused("raw bytes in Host", $"GET {List} HTTP/1.1\nHost: {{gbk}}.com\n\n"),
        Refused("two lengths", $"POST {List} HTTP/1.1\nHost: pay.example.com\nContent-Length: 3\nContent-Length: 4\n\na=b"),
        Refused("a blank before the colon", $"GET {List} HTTP/1.1\nHost: pay.example.com\nX-A : b\n\n"),
        // Deliberate difference: Apache unfolds. No client folds headers, and folding hides headers from proxies (RFC 9112 5.2 allows 400).
        Refused("a folded header", $"GET {List} HTTP/1.1\nHost: pay.example.com\nX-A: b\n c\n\n"),
    ];

    /// <summary>Whether the server closes the connection after the answer.</summary>
    public bool IsLast => Outcome == Outcome.Refused || LastRegex().IsMatch(Text);

    public override string ToString() => Name;

    private static LegacyClient Orders(string name, string text) => new(name, Outcome.Order, text);

    private static LegacyClient Lists(string name, string text) => new(name, Outcome.List, text);

    private static LegacyClient Refused(string name, string text) => new(name, Outcome.Refused, text);

    private static byte[] Encode(string text)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var gbk = Encoding.GetEncoding("gbk").GetBytes(Title);
        var utf8 = Encoding.UTF8.GetBytes(Title);
        var latin = text.Replace("\n", "\r\n", StringComparison.Ordinal)
            .Replace("{gbk}", Encoding.Latin1.GetString(gbk), StringComparison.Ordinal).Replace("{utf8}", Encoding.Latin1.GetString(utf8), StringComparison.Ordinal)
            .Replace("{%gbk}", Percent(gbk), StringComparison.Ordinal).Replace("{%utf8}", Percent(utf8), StringComparison.Ordinal);
        var head = latin.IndexOf("\r\n\r\n", latin.TakeWhile(char.IsControl).Count(), StringComparison.Ordinal) + 4;
        return Encoding.Latin1.GetBytes(latin.Replace("{length}", (latin.Length - head).ToString((IFormatProvider?)null), StringComparison.Ordinal));
    }

    private static string Percent(byte[] bytes) => string.Concat(bytes.Select(b => $"%{b:X2}"));

    [GeneratedRegex("connection: close|^[^\n]* HTTP/1\\.0\n(?!.*connection: keep-alive)", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex LastRegex();
}
