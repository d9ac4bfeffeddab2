using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using CsCheck;
using Microsoft.AspNetCore.Http;
using PayRecharge.WebApi.Legacy;

namespace PayRecharge.UnitTests.Legacy;

public sealed class LegacyWriterTests
{
    private static readonly string[] RuleFields = ["price", "credits", "jiaoyi", "times", "inttoken"];
    private static readonly string[] OrderFields =
    [
        "uid", "1", "pay_type", "3", "status", "2", "payjs_order_id", "2021050718271700671267492", "body", "doby", "price", "1", "creditskey", "0",
        "creditsval", "0", "signtime", "0", "kami", "16B085999F08E8404C48AF642C1CA8FF", "attach", "goumaikami", "submitdate", "1620383241",
        "time_end", "1620383259",
    ];

    // Lone surrogates and characters that XML forbids are as frequent as plain ones.
    private static readonly Gen<string> AnyText = Gen.Frequency(
        (2, Gen.Char),
        (2, Gen.Char['\0', '\x9F']),
        (2, Gen.Char["<>&'\"/\\+\r\n\t\x7F\uFFFE\uFFFF\uFFFD充"]),
        (2, Gen.Char['\uD800', '\uDFFF'])).Array[0, 20].Select(characters => new string(characters));

    [Test]
    public void Check_is_written_as_the_api_text_shows_it()
    {
        const string Data = "\"uid\":\"1\",\"pay_type\":\"3\",\"status\":\"2\",\"payjs_order_id\":\"2021050718271700671267492\",\"body\":\"doby\",\"price\":\"1\","
            + "\"creditskey\":\"0\",\"creditsval\":\"0\",\"signtime\":\"0\",\"kami\":\"16B085999F08E8404C48AF642C1CA8FF\",\"attach\":\"goumaikami\","
            + "\"submitdate\":\"1620383241\",\"time_end\":\"1620383259\",\"nums\":5";
        AssertWritten(
            writer =>
            {
                writer.OpenObject(14);
                Texts(writer, OrderFields);
                writer.Number("nums", 5);
                writer.Close(TimeSpan.FromMicroseconds(9570));
            },
            "{\"code\":200,\"result\":\"OK\",\"count\":14,\"data\":{" + Data + "},\"sqltime\":\"0.00957s\"}",
            Root(200, "OK", 14, Elements(Data), "0.00957s"));
    }

    [Test]
    public void Kamis_list_is_an_object_keyed_by_rule_even_with_one_rule([Values(1, 2)] int rules)
    {
        const string First = "\"price\":\"10\",\"credits\":\"20\",\"jiaoyi\":\"30\",\"times\":\"1000\",\"inttoken\":\"10\"";
        const string Second = "\"price\":\"50\",\"credits\":\"120\",\"jiaoyi\":\"130\",\"times\":\"10000\",\"inttoken\":\"100\"";
        AssertWritten(
            writer =>
            {
                writer.OpenObject(rules);
                WriteRule(writer, 1, "10", "20", "30", "1000", "10");
                if (rules == 2)
                    WriteRule(writer, 4, "50", "120", "130", "10000", "100");
                writer.Close(TimeSpan.FromMicroseconds(2640));
            },
            $"{{\"code\":200,\"result\":\"OK\",\"count\":{rules},\"data\":{{\"1\":{{{First}}}{(rules == 2 ? $",\"4\":{{{Second}}}" : "")}}},\"sqltime\":\"0.00264s\"}}",
            Root(200, "OK", rules, $"<item id=\"1\">{Elements(First)}</item>" + (rules == 2 ? $"<item id=\"4\">{Elements(Second)}</item>" : ""), "0.00264s"));
    }

    [Test]
    public void Check_id_is_a_list_of_rows_that_XML_numbers_from_0()
    {
        AssertWritten(
            writer =>
            {
                writer.OpenList(2);
                foreach (var id in (string[])["75", "74"])
                {
                    writer.OpenRow();
                    writer.Text("id", id);
                    writer.Text("nums", "5");
                    writer.CloseItem();
                }
                writer.Close(TimeSpan.FromMilliseconds(4));
            },
            "{\"code\":200,\"result\":\"OK\",\"count\":2,\"data\":[{\"id\":\"75\",\"nums\":\"5\"},{\"id\":\"74\",\"nums\":\"5\"}],\"sqltime\":\"0.004s\"}",
            Root(200, "OK", 2, "<item id=\"0\"><id>75</id><nums>5</nums></item><item id=\"1\"><id>74</id><nums>5</nums></item>", "0.004s"));
    }

    [Test]
    public void An_error_has_no_data() => AssertWritten(
        writer =>
        {
            writer.OpenError(401, "error02");
            writer.Close(TimeSpan.FromMicroseconds(2120));
        },
        """{"code":401,"result":"error02","count":0,"data":[],"sqltime":"0.00212s"}""",
        Root(401, "error02", 0, "", "0.00212s"));

    [Test]
    public void Nothing_found_is_the_same_empty_list_whatever_was_asked([Values] bool list) => AssertWritten(
        writer =>
        {
            if (list)
                writer.OpenList(0);
            else
                writer.OpenObject(0);
            writer.Close(TimeSpan.Zero);
        },
        """{"code":200,"result":"OK","count":0,"data":[],"sqltime":"0.00001s"}""",
        Root(200, "OK", 0, "", "0.00001s"));

    [Test]
    public void Texts_are_escaped_as_the_contract_says() => AssertWritten(
        writer =>
        {
            writer.OpenObject(2);
            writer.Text("body", "本框\"\\/&'+<>\b\f\n\r\t\0\x1F\x7F\xE9😀\uD800");
            writer.Text("kami", null);
            writer.Close(TimeSpan.FromSeconds(1));
        },
        """{"code":200,"result":"OK","count":2,"data":{"body":"\u672c\u6846\"\\/&'+\u003c\u003e\b\f\n\r\t\u0000\u001f"""
            + "\x7F" + """\u00e9\ud83d\ude00\ud800","kami":""},"sqltime":"1s"}""",
        Root(200, "OK", 2, "<body>本框\"\\/&amp;'+&lt;&gt;\uFFFD\uFFFD\n&#13;\t\uFFFD\uFFFD\x7F\xE9😀\uFFFD</body><kami></kami>", "1s"));

    [Test]
    public void JSON_reads_back_as_what_was_written_and_is_plain_ASCII() => Gen.Select(AnyText, Gen.Long).Sample((text, number) =>
    {
        var json = Write(xml: false, writer => WriteAny(writer, text, number));
        Assert.That(json, Has.All.LessThanOrEqualTo((byte)0x7F).And.All.GreaterThanOrEqualTo((byte)' '));
        Assert.That(json, Has.None.EqualTo((byte)'<').And.None.EqualTo((byte)'>'));
        var data = JsonDocument.Parse(json).RootElement.GetProperty("data");
        Assert.That(data.GetProperty("number").GetInt64(), Is.EqualTo(number));
        // System.Text.Json cannot return the escape of a lone surrogate as text.
        var raw = data.GetProperty("text").GetRawText()[1..^1];
        Assert.That(Regex.Replace(raw, @"\\(u[0-9a-f]{4}|.)", Unescape), Is.EqualTo(text));
        if (!HasLoneSurrogate(text))
            Assert.That(data.GetProperty("text").GetString(), Is.EqualTo(text));
    });

    [Test]
    public void XML_reads_back_as_what_was_written_but_for_forbidden_characters() => Gen.Select(AnyText, Gen.Long).Sample((text, number) =>
    {
        var document = new XmlDocument { PreserveWhitespace = true };
        document.Load(new MemoryStream(Write(xml: true, writer => WriteAny(writer, text, number))));
        var replaced = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
            replaced.Append(rune.Value > 0xFFFF || XmlConvert.IsXmlChar((char)rune.Value) ? rune.ToString() : "\uFFFD");
        Assert.That(document.SelectSingleNode("/root/data/text")!.InnerText, Is.EqualTo(replaced.ToString()));
        Assert.That(document.SelectSingleNode("/root/data/number")!.InnerText, Is.EqualTo(number.ToString(CultureInfo.InvariantCulture)));
    });

    [TestCase(0, "0.00001s")]
    [TestCase(1, "0.00001s")]
    [TestCase(149, "0.00001s")]
    [TestCase(150, "0.00002s")]
    [TestCase(-5, "0.00001s")]
    [TestCase(95_700, "0.00957s")]
    [TestCase(40_000, "0.004s")]
    [TestCase(7_692_700, "0.76927s")]
    [TestCase(10_197_000, "1.0197s")]
    [TestCase(9_999_960, "1s")]
    [TestCase(100_000_000, "10s")]
    [TestCase(long.MaxValue, "922337203685.47758s")]
    public void Sqltime_has_at_most_five_decimals_and_no_exponent(long ticks, string expected) =>
        Assert.That(LegacyWriter.Sqltime(new TimeSpan(ticks)), Is.EqualTo(expected));

    [TestCase(false, "text/html; charset=utf-8")]
    [TestCase(true, "text/xml; charset=utf-8")]
    public async Task The_head_keeps_old_clients_working_and_browsers_harmless(bool xml, string contentType)
    {
        var response = new DefaultHttpContext().Response;
        response.StatusCode = 500;
        response.Body = new MemoryStream();
        var writer = LegacyWriter.For(response, xml);
        writer.OpenError(400, "error0020");
        writer.Close(TimeSpan.Zero);
        await response.BodyWriter.FlushAsync();
        Assert.That((response.StatusCode, response.ContentType), Is.EqualTo((200, contentType)));
        Assert.That(
            response.Headers.Where(header => header.Key != "Content-Type").Select(header => $"{header.Key}: {header.Value}"),
            Is.EquivalentTo(["Cache-Control: no-store", "X-Content-Type-Options: nosniff", "Content-Security-Policy: default-src 'none'; sandbox"]));
        Assert.That(response.Body.Length, Is.GreaterThan(0));
    }

    private static void WriteRule(LegacyWriter writer, long id, params string[] values)
    {
        writer.OpenItem(id);
        Texts(writer, [.. RuleFields.Zip(values).SelectMany(field => new[] { field.First, field.Second })]);
        writer.CloseItem();
    }

    private static void Texts(LegacyWriter writer, string[] fields)
    {
        foreach (var field in fields.Chunk(2))
            writer.Text(field[0], field[1]);
    }

    private static void WriteAny(LegacyWriter writer, string text, long number)
    {
        writer.OpenObject(2);
        writer.Text("text", text);
        writer.Number("number", number);
        writer.Close(TimeSpan.Zero);
    }

    private static void AssertWritten(Action<LegacyWriter> write, string json, string xml)
    {
        Assert.That(Encoding.UTF8.GetString(Write(xml: false, write)), Is.EqualTo(json));
        Assert.That(Encoding.UTF8.GetString(Write(xml: true, write)), Is.EqualTo(xml));
    }

    private static byte[] Write(bool xml, Action<LegacyWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(xml ? new LegacyXml(output) : new LegacyJson(output));
        return output.WrittenSpan.ToArray();
    }

    private static string Root(int code, string result, int count, string data, string sqltime) =>
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        + $"<root><code>{code}</code><result>{result}</result><count>{count}</count><data>{data}</data><sqltime>{sqltime}</sqltime></root>";

    private static string Elements(string fields) => Regex.Replace(fields, "\"(.*?)\":\"?(.*?)\"?(,|$)", "<$1>$2</$1>");

    private static string Unescape(Match escape) => escape.Value[1] switch
    {
        'u' => ((char)Convert.ToInt32(escape.Value[2..], 16)).ToString(),
        'b' => "\b",
        'f' => "\f",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        var other => other.ToString(),
    };

    private static bool HasLoneSurrogate(string text) => text.EnumerateRunes().Select(rune => rune.Utf16SequenceLength).Sum() != text.Length
        || text.EnumerateRunes().Count(rune => rune.Value == 0xFFFD) != text.Count(character => character == '\uFFFD');
}
