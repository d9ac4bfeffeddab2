using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>
/// Invalid requests. Each gets its documented error (or a reply, if the contract allows it), changes no row of any table, and leaves
/// neither an exception nor a secret in the log, which runs at Trace level here.
/// </summary>
[TestFixture(DatabaseKind.Sqlite)]
[TestFixture(DatabaseKind.MariaDb)]
internal sealed class BadInputTests(DatabaseKind kind) : PluginFixture(kind)
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Ok = "OK";

    // Far above every field's limit: the server refuses such a value without calling the gateway.
    private const int Huge = 60_000;

    // PHP's max_input_vars: further pairs are not read; query string and form count separately.
    private const int MaximumPairs = 1000;

    // The longest body that the server reads.
    private const int MaximumBody = 64 * 1024;
    private const int MaximumMultipart = 128 * 1024;

    // Kestrel's configured limit for a request line; the contract promises a third of it.
    private const int MaximumLine = 96 * 1024;

    private static readonly object Utf8 = new { charset = "Utf8" };
    private static readonly object Gbk = new { charset = "Gbk" };

    /// <summary>A request's exact bytes and the expected answer: a legacy result, or an HTTP status if the server itself refuses.</summary>
    public sealed record Row(string What, byte[] Request, string Expected, object? Settings = null)
    {
        public override string ToString() => $"{What} is {Expected}";
    }

    protected override (string Name, string Value)[] Configuration => [("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft", "Trace")];

    private static Row Get(string what, Call call, string expected, object? settings = null) =>
        new($"{call.Action}: {what}", RawConnection.Get(TestServer.PluginPath + call), expected, settings);

    private static Row Post(string what, Call call, string expected, object? settings = null) =>
        new($"{call.Action} as a form: {what}", RawConnection.Post(TestServer.PluginPath, Encoding.Latin1.GetBytes(call.Form)), expected, settings);

    private static Row Post(string what, string query, string? contentType, string body, string expected) =>
        new(what, RawConnection.Post(TestServer.PluginPath + query, contentType, Encoding.Latin1.GetBytes(body)), expected);

    private static IEnumerable<Row> Rows() =>
        [.. Amounts(), .. Numbers(), .. Names(), .. Texts(), .. Ids(), .. Keys(), .. Bytes(), .. Forms(), .. Sizes(), .. Lines()];

    private static IEnumerable<Row> Amounts()
    {
        foreach (var money in new[]
        {
            "99999999", "9223372036854775807", "9223372036854775808", "18446744073709551617", "340282366920938463463374607431768211456", "-1", "-0.01", "%2B1", "1e3", "1E3", "0x1", "0b1", "NaN", "nan",
            "Infinity", "-Infinity", "%E2%88%9E", "%EF%BC%91", "%EF%BC%91%EF%BC%8E%EF%BC%90", "%D9%A1", "1.001", "1.", ".5", ".", "1..0", "1.0.0", "1%201", "1+1", "1,000", "1%EF%BC%8C000", "1'000", "1_000", "%C2%A51", "%EF%BF%A51", "$1", "1%E5%85%83",
            "00", "0.0", "0.00", "0000000", "-0", "10000.01", "9999999.99", "1%25", "1%", "1;DROP%20TABLE%20Orders", "1'%20OR%20'1'='1", "1)%20OR%20(1=1", "1/**/UNION/**/SELECT/**/1", "<b>1</b>", "%3Cscript%3E1", "true", "null", "%5B1%5D", "{1}", "%E2%80%8B1", "%C2%A01",
        })
        {
            foreach (var call in new[] { Call.Credit, Call.CardTime }) yield return Get($"money {money}", call.WithEncoded("money", money), "error00712");
        }
        yield return Post("money of 60 kB", Call.Credit.With("money", new string('1', Huge)), "error00712");
        yield return Post("money of 60 kB with a point", Call.CardTime.With("money", "1." + new string('0', Huge)), "error00712");
        foreach (var inside in new[] { "1%001", "1%0A1", "1%0D%0A1", "1%091", "1%0B1", "1%7F1", "1%1B", "%081" })
            yield return Get($"control character in money {inside}", Call.Credit.WithEncoded("money", inside), "error0127");
    }

    private static IEnumerable<Row> Numbers()
    {
        foreach (var type in new[] { "9", "-1", "1.0", "1e0", "0x2", "%2B2", "2,3", "2%203", "%EF%BC%92", "02", "00", "0.0", "2'", "2;--", "2%20OR%201=1", "<i>", "NaN", "99999999999999999999", "2%25" })
            yield return Get($"credits {type}", Call.Credit.WithEncoded("credits", type), "error0127");
        yield return Post("credits of 60 kB", Call.Credit.With("credits", new string('2', Huge)), "error0127");
        foreach (var rule in new[] { "2", "-9", "9.0", "9e0", "0x9", "%2B9", "9,4", "9%204", "%EF%BC%99", "9'", "9;--", "9%20OR%201=1", "9%20UNION%20SELECT%201", "<i>", "NaN", "99999999999999999999", "9%25", "9%", "2147483648" })
            yield return Get($"list_id {rule}", Call.Kami.WithEncoded("list_id", rule), "error0126");
        yield return Post("list_id of 60 kB", Call.Kami.With("list_id", new string('9', Huge)), "error0126");
        yield return Get("control character in list_id", Call.Kami.WithEncoded("list_id", "9%019"), "error0127");
        foreach (var page in new[] { "0.0", "-1", "1.5", "1e3", "0x1", "%2B1", "%EF%BC%91", "x", "1,2", "1%202", "1'", "2147483648", "99999999999999999999", "NaN", "1%011" })
        {
            yield return Get($"page {page}", Call.Paid.WithEncoded("page", page), "error0127");
            yield return Get($"perpage {page}", Call.Paid.WithEncoded("perpage", page), "error0127");
        }
        // A page has at most 200 rows.
        yield return Get("perpage 201", Call.Paid.With("perpage", "201"), "error0127");
        yield return Get("page and perpage at their ends", Call.Paid.With("page", "2147483647").With("perpage", "200"), Ok);
    }

    private static IEnumerable<Row> Names()
    {
        foreach (var name in new[]
        {
            "'%20OR%20'1'='1", "demo'--", "demo%22%20--", "demo;DROP%20TABLE%20UserAccounts", "%25", "d%25", "dem_", "*", "<script>alert(1)</script>", "demo%5C", "demo%5C'", "../demo", "%EF%BD%84%EF%BD%85%EF%BD%8D%EF%BD%8F",
            "demo%E2%80%8B", "d%C3%A9mo", "demo%2C1", "NULL", "0.0", "-1", "1", "%F0%9F%98%80", "%", "%zz", "demo%",
        })
            yield return Get($"username {name}", Call.Credit.WithEncoded("username", name), "error00112");
        yield return Post("username of 60 kB", Call.Credit.With("username", new string('d', Huge)), "error00112");
        yield return Post("username of 60 kB, an e-mail", Call.Credit.With("username", new string('d', Huge) + "@example.com").With("isuid", "2"), "error00112");
        yield return Post("username of 60 kB, a uid", Call.Credit.With("username", new string('1', Huge)).With("isuid", "1"), "error00112");
        foreach (var name in new[] { "demo%00x", "de%0Amo", "demo%1F1", "d%7Femo" })
            yield return Get($"control character in username {name}", Call.Credit.WithEncoded("username", name), "error0127");
        foreach (var uid in new[] { "01", "-1", "1.0", "1e0", "0x1", "%2B1", "1%201", "1'", "1%20OR%201=1", "%EF%BC%91", "%D9%A1", "99999999999", "9999999999", "18446744073709551617", "NaN", "1%25" })
            yield return Get($"uid {uid}", Call.CardTime.WithEncoded("username", uid).With("isuid", "1"), "error00112");
        foreach (var mail in new[] { "demo", "demo@example.com'--", "demo@%25", "%25@example.com", "demo@example.com,nobody@example.com", "%2Bdemo@example.com", "<demo@example.com>", "@", "demo%EF%BC%A0example.com" })
            yield return Get($"e-mail {mail}", Call.Kami.WithEncoded("username", mail).With("isuid", "2"), "error00112");
        // Any isuid but 1 and 2 means a user name, and no user is named 1.
        foreach (var isuid in new[] { "3", "-1", "1.0", "01", "1e0", "0x1", "%EF%BC%91", "x", "1'", "%2B1", "true", "99999999999999999999" })
            yield return Get($"isuid {isuid}", Call.Credit.With("username", "1").WithEncoded("isuid", isuid), "error00112");
        yield return Get("control character in isuid", Call.Credit.WithEncoded("isuid", "1%01"), "error0127");
        yield return Get("control character in type", Call.Credit.WithEncoded("type", "ali%01pay"), "error0127");
    }

    private static IEnumerable<Row> Texts()
    {
        foreach (var field in new[] { "body", "attach" })
        {
            foreach (var text in new[] { "a%00b", "a%01b", "a%0Ab", "a%0D%0ASet-Cookie:%20x=1", "a%1B[31m", "a%7Fb", "a%09b", "%08" })
                yield return Get($"control character in {field} {text}", Call.Credit.WithEncoded(field, text), "error0127");
            // Neither valid UTF-8 nor, in these positions, valid GB18030.
            foreach (var text in new[] { "%ED%A0%80", "%ED%A0%80%ED%B0%80%80", "a%80", "a%81", "%FF", "%FE%FF", "%81%20", "%F8%88%80%80%80", "%E7%A7%AF%E5%88" })
                yield return Get($"undecodable {field} {text}", Call.Credit.WithEncoded(field, text), "error0127");
            foreach (var text in new[] { "%C0%AF", "%C0%80", "%C1%BF", "%E0%80%AF", "%F0%80%80%AF", "%ED%A0%80", "%ED%BF%BF", "%F4%90%80%80", "%F5%80%80%80", "%D6", "%BB%FD%B7%D6", "%C2%85" })
                yield return Get($"bad UTF-8 in {field} {text}", Call.Credit.WithEncoded(field, text), "error0127", Utf8);
            foreach (var text in new[] { "%D6", "%D6%B5%D6", "%81%7F", "%80", "%FF%FF", "a%D6%20", "%84%31%A4%3", "%E5%80%BC" })
                yield return Get($"bad GBK in {field} {text}", Call.Credit.WithEncoded(field, text), "error0127", Gbk);
        }
        yield return Get("body one character too long", Call.Credit.With("body", new string('b', LongTitle)), "error0127");
        yield return Get("attach one character too long", Call.Credit.With("attach", new string('a', LongAttach)), "error0127");
        yield return Post("body of 60 kB", Call.Credit.With("body", new string('b', Huge)), "error0127");
        yield return Post("attach of 60 kB", Call.Kami.With("attach", new string('a', Huge)), "error0127");
        yield return Get("body of blanks", Call.Credit.WithEncoded("body", "%20%09+%0D%0A%00%0B"), "error06:body");
    }

    private static IEnumerable<Row> Ids()
    {
        foreach (var id in new[]
        {
            "1", "-1", "1e27", "2021050718271700671267492'", "2021050718271700671267492'--", "'%20OR%201=1--", "%25", "20210507%25", "2021050718271700671267492%20OR%201=1", "<b>", "%EF%BC%92021050718271700671267492", "20210507182717006712674920000000",
            "202105071827170067126749200000000", "%E5%80%BC", "2021050718271700671267492%E2%80%8B", "20210507182721123456", "NULL", "75",
        })
            yield return Get($"payjs_order_id {id}", Call.Check.WithEncoded("payjs_order_id", id), "error0128");
        yield return Post("payjs_order_id of 60 kB", Call.Check.With("payjs_order_id", new string('2', Huge)), "error0128");
        yield return Get("control character in payjs_order_id", Call.Check.WithEncoded("payjs_order_id", "2021%000507"), "error0127");
        yield return Get("undecodable payjs_order_id", Call.Check.WithEncoded("payjs_order_id", "%FF%FF"), "error0127");
        foreach (var token in new[] { "x", "-", "'%20OR%20'1'='1", "f2ffBQrtGYltiSuw5t'", "f2ffBQrtGYltiSuw5", "f2ffBQrtGYltiSuw5t%25", "%25", "<b>", "f2ff%00BQrt", "%FF", "%E5%80%BC", "%EF%BD%862ffBQrtGYltiSuw5t", "f2ffBQrtGYltiSuw5t%0Ax", "a%20b", "0.0" })
            yield return Get($"token {token}", Call.Paid.WithEncoded("token", token), "error05");
        // A token has at most 1,000 characters.
        yield return Get("token of 1,001 characters", Call.Paid.With("token", new string('t', 1001)), "error05");
        yield return Post("token of 60 kB", Call.Paid.With("token", new string('t', Huge)), "error05");
    }

    private static IEnumerable<Row> Keys()
    {
        foreach (var key in new[] { "x", "'%20OR%20'1'='1", Call.Key + "'", Call.Key[..^1], Call.Key + "%25", "%FF", "a%00b", "%EF%BC%91", Call.Key + "%00%01", "0.0", "-1", "null" })
            yield return Get($"key {key}", Call.Rules.WithEncoded("key", key), "error02");
        yield return Post("key of 60 kB", Call.Rules.With("key", new string('k', Huge)), "error02");
        foreach (var action in new[] { "payjs", "Payjs_credit", "payjs_credit'", "payjs_credit%00x", "payjs_kamis_list%2F..", "..%2F..%2Fetc%2Fpasswd", "%FF%FF", "a%01b", "<b>", "%E5%80%BC", "__proto__", "ToString", "0.0" })
            yield return Get($"action {action}", Call.Rules.WithEncoded("action", action), "error010");
        yield return Post("action of 60 kB", Call.Rules.With("action", new string('a', Huge)), "error010");
        foreach (var id in new[] { "", "0", "x", "xinxiu_network_plugin", "xinxiu_network_plugin:payjs'", "xinxiu_network_plugin:payjs:x", "xinxiu_network_plugin:PAYJS", "%FF%FF", "a%01b" })
            yield return Get($"id {id}", Call.Rules.And("id", id), "error010");
        yield return new("no id", RawConnection.Get("/plugin.php?" + Call.Rules.Form), "error010");

        yield return Get("key twice, the right one last", Call.Rules.With("key", "wrong").And("key", Call.Key), Ok);
        yield return Get("key twice, the wrong one last", Call.Rules.And("key", "wrong"), "error02");
        yield return Get("key twice, empty last", Call.Rules.And("key", ""), "error06:key");
        yield return Get("money twice", Call.Credit.And("money", "x"), "error00712");
        yield return Get("money three times", Call.Credit.And("money", "2").And("money", "-1"), "error00712");
        foreach (var list in new[] { "money[]", "money[0]", "money[a]", "money[a][b]", "money[][]", "money[a[b]", "money[]x", "money%5B%5D", "money%5b0%5d" })
        {
            yield return Get($"{list} instead", Call.Credit.Without("money").And(list, "1"), "error06:money");
            yield return Get($"{list} after money", Call.Credit.And(list, "1"), "error06:money");
        }
        foreach (var other in new[] { "money[", "money]", "[money]", "MONEY", "Money", "money.", "%6Doney%00", "mon%65y%20", "money%EF%BC%91" })
            yield return Get($"{other} instead", Call.Credit.Without("money").And(other, "1"), "error06:money");
        yield return Get("a list and then the value", Call.Rules.Without("key").And("key[]", "x").And("key", Call.Key), Ok);
        yield return Get("a name that is percent-encoded", Call.Rules.Without("key").And("%6B%65%79", Call.Key), Ok);
        yield return Get("a key between blanks", Call.Rules.WithEncoded("key", "%20%00" + Call.Key + "%0D%0A+"), Ok);
        foreach (var odd in new[] { "&", "&&", "=", "&=&", "&x", "&%", "&%=%" })
            yield return Get($"pair without name or value {odd}", Call.Rules.And(odd, ""), Ok);
        foreach (var output in new[] { "yaml", "x%01ml", "%FF", "xml'", "../xml", "xml[]" })
            yield return Get($"output {output}", Call.Rules.With("key", "wrong").WithEncoded("output", output), "error02");
    }

    private static IEnumerable<Row> Bytes()
    {
        // A broken escape is kept as text, so it makes a key, user or amount invalid.
        foreach (var broken in new[] { "%", "%%", "%4", "%zz", "%u0064", "%-1", "%+1", "%%34" })
        {
            yield return Get($"broken escape {broken} after the key", Call.Rules.WithEncoded("key", Call.Key + broken), "error02");
            yield return Get($"broken escape {broken} after the user", Call.Credit.WithEncoded("username", "demo" + broken), "error00112");
            yield return Get($"broken escape {broken} after the amount", Call.Credit.WithEncoded("money", "1" + broken), "error00712");
        }
        foreach (byte[] raw in new byte[][] { [0xFF], [0x80], [0xD6], [0xED, 0xA0, 0x80, 0xFF], [0xE7, 0xA7, 0xAF, 0xE5, 0x88] })
        {
            var call = Encoding.ASCII.GetBytes(TestServer.PluginPath + Call.Credit.Without("body") + "&body=");
            yield return new($"raw {Convert.ToHexString(raw)} in the URL", RawConnection.Get([.. call, .. raw]), "error0127");
            yield return new($"raw {Convert.ToHexString(raw)} in a form",
                RawConnection.Post(TestServer.PluginPath, [.. Encoding.ASCII.GetBytes(Call.Credit.Without("body").Form + "&body="), .. raw]), "error0127");
        }
    }

    private static IEnumerable<Row> Forms()
    {
        yield return Post("an empty form", "", Form, "", "error06:action");
        yield return Post("a form of nothing but separators", "", Form, "&&&=&=", "error06:action");
        foreach (var type in new[] { null, "", "text/plain", "application/json", "application/xml", "application/octet-stream", "x-www-form-urlencoded", "multipart/mixed; boundary=b", "multipart/form-data", "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=" + new string('b', 200), "multipart/form-data; boundary=\"", "multipart/form-data; charset=utf-8", "null", ";" })
            yield return Post($"a form as {type ?? "nothing"}", "", type, Call.Rules.Form, "error06:action");
        yield return Post("a form under a charset that is ignored", "", Form + "; charset=utf-16", Call.Rules.Form, Ok);
        yield return Post("JSON", "", "application/json", """{"action":"payjs_kamis_list","key":"KEY"}""".Replace("KEY", Call.Key, StringComparison.Ordinal), "error06:action");
        yield return Post("JSON as a form", "", Form, """{"action":"payjs_kamis_list"}""", "error06:action");
        yield return Post("JSON as a form after a whole query", Call.Rules.ToString(), Form, """{"action":"none"}""", Ok);
        yield return Post("a form that empties the key", Call.Rules.ToString(), Form, "key=", "error06:key");
        yield return Post("a form that makes the key a list", Call.Rules.ToString(), Form, "key[]=1", "error06:key");

        const string disposition = "Content-Disposition: form-data; name=";
        const string multipart = "multipart/form-data; boundary=b";
        yield return Post("multipart of nothing", "", multipart, "", "error06:action");
        yield return Post("multipart of text", "", multipart, Call.Rules.Form, "error06:action");
        yield return Post("multipart with another boundary", "", multipart, $"--c\r\n{disposition}\"action\"\r\n\r\npayjs_kamis_list\r\n--c--\r\n", "error06:action");
        yield return Post("multipart without names", "", multipart, "--b\r\n\r\npayjs_kamis_list\r\n--b--\r\n", "error06:action");
        yield return Post("multipart with an empty name", "", multipart, $"--b\r\n{disposition}\"\"\r\n\r\npayjs_kamis_list\r\n--b--\r\n", "error06:action");
        yield return Post("multipart with broken heads", "", multipart, "--b\r\nContent-Disposition\r\n\r\nx\r\n--b--\r\n", "error06:action");
        yield return Post("multipart with a head of 60 kB", "", multipart, $"--b\r\nX: {new string('x', Huge)}\r\n\r\nx\r\n--b--\r\n", "error06:action");
        yield return Post("multipart with a list", Call.Rules.ToString(), multipart, $"--b\r\n{disposition}\"key[]\"\r\n\r\nx\r\n--b--\r\n", "error06:key");
        yield return Post("multipart with a wrong key", Call.Rules.ToString(), multipart, $"--b\r\n{disposition}\"key\"\r\n\r\nx\r\n--b--\r\n", "error02");
        yield return Post("multipart with a boundary in quotation marks", Call.Rules.ToString(), "multipart/form-data; boundary=\"a b:c\"", $"--a b:c\r\n{disposition}\"key\"\r\n\r\nx\r\n--a b:c--\r\n", "error02");
        yield return Post("multipart with text before and after", Call.Rules.ToString(), multipart, $"before\r\n--b\r\n{disposition}key\r\n\r\nx\r\n--b--\r\nafter", "error02");
    }

    private static IEnumerable<Row> Sizes()
    {
        var junk = string.Join('&', Enumerable.Range(0, MaximumPairs).Select(at => $"x{at}="));
        yield return Post("1,000 pairs before the others", "", Form, junk + "&" + Call.Rules.Form, "error06:action");
        yield return Post("1,000 pairs after the others", "", Form, Call.Rules.Form + "&" + junk + "&key=wrong", Ok);
        yield return Post("1,000 pairs beside a whole query", Call.Rules.ToString(), Form, junk + "&key=wrong", Ok);
        yield return new("1,000 pairs of the query before the others", RawConnection.Get($"/plugin.php?{junk}&id=xinxiu_network_plugin:payjs{Call.Rules}"), "error06:action");
        yield return Post("60,000 empty pairs", Call.Rules.ToString(), Form, new string('&', Huge) + "key=wrong", "error02");
        yield return Post("60,000 brackets", Call.Rules.ToString(), Form, "key" + new string('[', Huge) + "]=1", "error06:key");
        yield return Post("a name of 60 kB", Call.Rules.ToString(), Form, new string('k', Huge) + "=1", Ok);
        yield return Post("a body of the most that is read", Call.Rules.ToString(), Form, "key=wrong&x=" + new string('x', MaximumBody - 12), "error02");
        yield return Post("a body of one more", Call.Rules.ToString(), Form, "key=wrong&x=" + new string('x', MaximumBody - 11), "413");
        const string first = "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n", last = "\r\n--b\r\nContent-Disposition: form-data; name=key\r\n\r\nwrong\r\n--b--";
        yield return Post("a multipart body of the most that is read", Call.Rules.ToString(), "multipart/form-data; boundary=b", first.PadRight(MaximumMultipart - last.Length) + last, "error02");
        yield return Post("a multipart body of one more", Call.Rules.ToString(), "multipart/form-data; boundary=b", first.PadRight(MaximumMultipart + 1 - last.Length) + last, "413");
        yield return new("a body said to be huge",
            Encoding.ASCII.GetBytes($"POST {TestServer.PluginPath + Call.Credit} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {Form}\r\nContent-Length: 9223372036854775807\r\n\r\nkey=wrong"), "413");
        yield return new("a chunked body of one more",
        [
            .. Encoding.ASCII.GetBytes($"POST {TestServer.PluginPath + Call.Credit} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {Form}\r\nTransfer-Encoding: chunked\r\n\r\n{MaximumBody + 1:x}\r\n"),
            .. Encoding.ASCII.GetBytes(new string('x', MaximumBody + 1)), .. "\r\n0\r\n\r\n"u8,
        ], "413");
    }

    private static IEnumerable<Row> Lines()
    {
        // A third of the longest line, as the contract promises.
        yield return Get("a line of 32 kB", Call.Rules.And("x", new string('x', (MaximumLine / 3) - 200)), Ok);
        yield return Get("a line longer than any", Call.Rules.And("x", new string('x', MaximumLine)), "414");
        yield return new("a NUL in the target", RawConnection.Get(TestServer.PluginPath + Call.Rules + "\0"), "400");
        yield return new("a blank in the target", RawConnection.Get(TestServer.PluginPath + Call.Rules + " x"), "400");
        yield return new("no HTTP", Encoding.ASCII.GetBytes($"{Call.Rules.Form}\r\n\r\n"), "400");
        yield return new("a method nobody serves", Encoding.ASCII.GetBytes($"PROPFIND {TestServer.PluginPath + Call.Rules} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"), "405");
        yield return new("no host", Encoding.ASCII.GetBytes($"GET {TestServer.PluginPath + Call.Rules} HTTP/1.1\r\n\r\n"), "400");
        yield return new("a broken chunk", Encoding.ASCII.GetBytes($"POST {TestServer.PluginPath + Call.Credit} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {Form}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nkey\r\n"), "400");
    }

    [TestCaseSource(nameof(Rows))]
    public async Task Bad_input_gets_its_answer_and_changes_nothing(Row row)
    {
        if (row.Settings is not null) await ChangeSettingsAsync(row.Settings);
        Server.Log.Entries.Clear();
        Gateway.Requests.Clear();
        var before = await TableDigest.OfAsync(Server);

        var reply = await RawConnection.AskAsync(Server.Address, row.Request);

        if (row.Expected == Ok) Assert.That(reply.Body, Does.StartWith("{\"code\":200,\"result\":\"OK\","));
        else if (row.Expected.StartsWith("error", StringComparison.Ordinal)) AssertError(reply.Body, CodeOf(row.Expected), row.Expected, xml: false);
        Assert.That($"{reply.Status}", Is.EqualTo(char.IsAsciiDigit(row.Expected[0]) ? row.Expected : "200"), reply.Body);
        Assert.That(await TableDigest.OfAsync(Server), Is.EqualTo(before));
        Assert.That(Gateway.Requests, Is.Empty);
        AssertLogIsClean();
    }

    [Test]
    public async Task A_body_that_breaks_off_changes_nothing()
    {
        Server.Log.Entries.Clear();
        var before = await TableDigest.OfAsync(Server);
        foreach (var type in new[] { Form, "multipart/form-data; boundary=b" })
        {
            using var connection = await RawConnection.OpenAsync(Server.Address);
            await connection.SendAsync(Encoding.ASCII.GetBytes(
                $"POST {TestServer.PluginPath + Call.Credit} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: 100\r\n\r\nattach=broken"));
            connection.Finish();
            Assert.That(await connection.ReadToEndAsync(), Does.Not.StartWith("HTTP/1.1 200"));
        }
        Assert.That(await TableDigest.OfAsync(Server), Is.EqualTo(before));
        AssertLogIsClean();
    }

    // Odd but legal text is stored unchanged, and is escaped in the reply.
    [TestCase("100%", "100%")]
    [TestCase("%", "%")]
    [TestCase("%zz%4", "%zz%4")]
    [TestCase("%u79ef", "%u79ef")]
    [TestCase("a%20b+c%2Bd", "a b c+d")]
    [TestCase("%20%00x%0D%0A", "x")]
    [TestCase("'%20OR%201=1;--", "' OR 1=1;--")]
    [TestCase("Robert');DROP%20TABLE%20Orders;--", "Robert');DROP TABLE Orders;--")]
    [TestCase("%5C%22%27%2F", "\\\"'/")]
    [TestCase("<script>alert(1)</script>", "<script>alert(1)</script>")]
    [TestCase("%26amp;%3C!%5BCDATA%5B%5D%5D%3E", "&amp;<![CDATA[]]>")]
    [TestCase("NaN", "NaN")]
    [TestCase("a=b=c", "a=b=c")]
    [TestCase("%F0%9F%98%80", "😀")]
    [TestCase("%E2%80%A8%E2%80%AE%E2%80%8B", "\u2028\u202E\u200B")]
    [TestCase("%EF%BF%BE", "\uFFFE")]
    [TestCase("%C2%85x", "聟x")]
    public async Task Odd_but_legal_text_is_kept_as_it_stands(string encoded, string text)
    {
        Server.Log.Entries.Clear();
        Gateway.Requests.Clear();
        var placed = await RawConnection.AskAsync(Server.Address,
            RawConnection.Get(TestServer.PluginPath + Call.Credit.WithEncoded("body", encoded).WithEncoded("attach", encoded)));
        Assert.That(placed.Body, Does.StartWith("""{"code":200,"result":"OK","count":1,"""));
        var sent = Gateway.Requests.Single().Form;
        Assert.That((sent["body"], sent["attach"]), Is.EqualTo((text, text)));

        var check = Call.Check.With("payjs_order_id", (string)JsonNode.Parse(placed.Body)!["data"]!["payjs_order_id"]!);
        var reply = await Server.PluginTextAsync(check.ToString());
        Assert.That(reply, Has.All.InRange(' ', '~').And.None.EqualTo('<'));
        var data = JsonNode.Parse(reply)!["data"]!;
        Assert.That(((string)data["body"]!, (string)data["attach"]!), Is.EqualTo((text, text)));
        var xml = System.Xml.Linq.XElement.Parse(await Server.PluginTextAsync(check + "&output=xml"));
        // XML does not allow this character.
        Assert.That(xml.Element("data")!.Element("body")!.Value, Is.EqualTo(text.Replace('\uFFFE', '\uFFFD')));
        AssertLogIsClean();
    }

    [TestCase("money=%201%20", 100)]
    [TestCase("money=+1", 100)]
    [TestCase("money=1%00", 100)]
    [TestCase("money=%0A1.50%0D", 150)]
    [TestCase("money=x&money=2", 200)]
    [TestCase("money[]=5&money=2", 200)]
    [TestCase("money=0000003", 300)]
    [TestCase("%6D%6F%6E%65%79=4.5", 450)]
    public async Task Odd_but_legal_amounts_are_understood(string encoded, int fen)
    {
        Gateway.Requests.Clear();
        await RawConnection.AskAsync(Server.Address, RawConnection.Get(TestServer.PluginPath + Call.Credit.Without("money") + "&" + encoded));
        Assert.That(Gateway.Requests.Single().Form["total_fee"], Is.EqualTo($"{fen}"));
        AssertLogIsClean();
    }

    private static int CodeOf(string error) => error is "error02" or "error05" || error.StartsWith("error06:", StringComparison.Ordinal) ? 401 : 400;

    private void AssertLogIsClean()
    {
        var entries = Server.Log.Entries.ToArray();
        Assert.That(entries, Is.Not.Empty, "the log is captured");
        Assert.That(entries.Where(e => e.Level >= LogLevel.Warning || e.Exception is not null).Select(e => e.Text), Is.Empty);
        Assert.That(entries.Select(e => e.Text), Has.None.Contains("   at PayRecharge."));
        foreach (var secret in new[] { Call.Key, SeedData.Token, ScriptedGateway.Key, TestServer.AdminKey })
            Assert.That(entries.Select(e => e.Text), Has.None.Contains(secret));
    }
}
