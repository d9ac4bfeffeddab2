using System.Text;
using Microsoft.AspNetCore.Http;
using PayRecharge.Application.Settings;
using PayRecharge.WebApi.Legacy;

namespace PayRecharge.UnitTests.Legacy;

public sealed class RequestReaderTests
{
    [TestCase("a=1&a=2", "2")]
    [TestCase("a=1&a=", null)]
    [TestCase("a=1&a[]=2", null)]
    [TestCase("a=1&a[x]=2", null)]
    [TestCase("a=1&a%5B%5D=2", null)]
    [TestCase("a[]=2&a=1", "1")]
    [TestCase("a=1&a[=2&[]=3&=4&b=5&A=6", "1")]
    [TestCase("a=1&a", null)]
    [TestCase("&&a=1=2&", "1=2")]
    [TestCase("a=%", "%")]
    [TestCase("a=%4&", "%4")]
    [TestCase("a=%zz%41%4", "%zzA%4")]
    [TestCase("a=x+y%20%2B", "x y +")]
    [TestCase("a=%20%09%0A%0D%00%0B+x+%0B%00", "x")]
    [TestCase("a=%0C", null)] // PHP does not trim a form feed: it counts as a control character
    [TestCase("a=%20+", null)]
    [TestCase("%61=1", "1")]
    [TestCase("a=1&?a=2", "1")]
    [TestCase("?a=1", null)]
    [TestCase("", null)]
    public async Task A_query_is_read_as_by_PHP(string query, string? expected) =>
        Assert.That((await ReadAsync(query))["a"], Is.EqualTo(expected));

    [TestCase("a=1", "b=2", "1")]
    [TestCase("a=1", "a=2", "2")]
    [TestCase("a=1", "a=", null)]
    [TestCase("a=1", "a[]=2", null)]
    [TestCase("a[]=1", "a=2", "2")]
    public async Task A_form_is_laid_over_the_query(string query, string form, string? expected)
    {
        Assert.That((await ReadAsync(query, form))["a"], Is.EqualTo(expected));
        var parts = form.Split('=');
        Assert.That((await ReadAsync(query, Multipart((parts[0], parts[1])), "multipart/form-data; boundary=\"xX\""))["a"], Is.EqualTo(expected));
    }

    [TestCase("application/x-www-form-urlencoded", "2")]
    [TestCase("Application/X-WWW-Form-Urlencoded;charset=gbk", "2")]
    [TestCase("application/x-www-form-urlencoded; ;", "2")]
    [TestCase("application/json", "1")]
    [TestCase("multipart/form-data", "1")]
    [TestCase("multipart/form-data; boundary=none", "1")]
    [TestCase(null, "1")]
    public async Task Only_a_form_is_read_as_one(string? contentType, string expected) =>
        Assert.That((await ReadAsync("a=1", Encoding.Latin1.GetBytes("a=2"), contentType))["a"], Is.EqualTo(expected));

    [Test]
    public async Task A_body_of_another_method_is_not_read() =>
        Assert.That((await ReadAsync("a=1", Encoding.Latin1.GetBytes("a=2"), Form, "PUT"))["a"], Is.EqualTo("1"));

    [Test]
    public async Task File_parts_are_ignored_and_a_broken_end_keeps_what_came_before()
    {
        var body = "--xX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
            + "--xX\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\n\xFF2\r\n"
            + "--xX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n3";
        Assert.That((await ReadAsync("", Encoding.Latin1.GetBytes(body), "multipart/form-data; boundary=xX"))["a"], Is.EqualTo("1"));
    }

    [Test]
    public async Task No_more_than_a_thousand_pairs_are_looked_at()
    {
        var query = string.Concat(Enumerable.Repeat("b=1&&", 999)) + "a=1&a=2";
        Assert.That((await ReadAsync(query))["a"], Is.EqualTo("1"));
        Assert.That((await ReadAsync("", query))["a"], Is.EqualTo("1"));
    }

    [Test]
    public async Task A_form_may_have_64_kB()
    {
        var most = "a=" + new string('x', RequestReader.MaxForm - 2);
        Assert.That((await ReadAsync("", most))["a"], Has.Length.EqualTo(most.Length - 2));
        Assert.That(
            () => ReadAsync("", most + "x"), Throws.TypeOf<BadHttpRequestException>().With.Property("StatusCode").EqualTo(413));
    }

    [TestCase(ClientCharset.Auto, "a=%E5%80%BC", "值")]
    [TestCase(ClientCharset.Auto, "a=%D6%B5", "值")]
    [TestCase(ClientCharset.Auto, "a=%B3%E4%D6%B5", "充值")]
    [TestCase(ClientCharset.Auto, "a=%D6%B5&b=%E5%80%BC", "ֵ")]
    [TestCase(ClientCharset.Auto, "a=%E5%80%BC&b=%FF", null)]
    [TestCase(ClientCharset.Auto, "a=%F0%9F%98%80", "😀")]
    [TestCase(ClientCharset.Auto, "a=%94%39%FC%36", "😀")]
    [TestCase(ClientCharset.Auto, "a=%C3%A9", "茅")]
    [TestCase(ClientCharset.Auto, "a=%80", null)]
    [TestCase(ClientCharset.Auto, "a=x", "x")]
    [TestCase(ClientCharset.Utf8, "a=%D6%B5", "\u05B5")]
    [TestCase(ClientCharset.Utf8, "a=%B3%E4", null)]
    [TestCase(ClientCharset.Utf8, "a=%ED%A0%80", null)]
    [TestCase(ClientCharset.Gbk, "a=%E5%80%BC", null)]
    [TestCase(ClientCharset.Gbk, "a=%E5%80%BC%D6%B5", null)]
    [TestCase(ClientCharset.Gbk, "a=%D6%B5", "值")]
    public async Task The_charset_is_one_for_the_whole_request(ClientCharset charset, string query, string? expected)
    {
        var parameters = await ReadAsync(query, charset: charset);
        Assert.That((parameters["a"], parameters.IsMalformed("a")), Is.EqualTo((expected, expected is null)));
    }

    [Test]
    public async Task Every_two_byte_character_of_UTF8_is_a_Chinese_one_in_GBK()
    {
        for (var lead = 0xC2; lead <= 0xDF; lead++)
        {
            for (var trail = 0x80; trail <= 0xBF; trail++)
                Assert.That((await ReadAsync($"a=%{lead:X2}%{trail:X2}"))["a"], Does.Match(@"^[\u4E00-\u9FFF]\z"));
        }
    }

    [TestCase("", true, false)]
    [TestCase("a=", true, false)]
    [TestCase("a=+0+", true, false)]
    [TestCase("a=0.0", false, false)]
    [TestCase("a=00", false, false)]
    [TestCase("a=%FF", false, true)]
    [TestCase("a=x%0Ay", false, true)]
    [TestCase("a=x%7Fy", false, true)]
    [TestCase("a=x%C2%85y&b=%E5%80%BC", false, true)]
    public async Task Missing_and_malformed_are_told_apart(string query, bool missing, bool malformed)
    {
        var parameters = await ReadAsync(query);
        Assert.That((parameters.IsMissing("a"), parameters.IsMalformed("a")), Is.EqualTo((missing, malformed)));
    }

    private const string Form = "application/x-www-form-urlencoded";

    private static byte[] Multipart(params (string Name, string Value)[] fields) => Encoding.Latin1.GetBytes(
        string.Concat(fields.Select(f => $"--xX\r\nContent-Disposition: form-data; name=\"{f.Name}\"\r\n\r\n{f.Value}\r\n")) + "--xX--\r\n");

    private static Task<LegacyParameters> ReadAsync(string query, string form) => ReadAsync(query, Encoding.Latin1.GetBytes(form), Form);

    private static async Task<LegacyParameters> ReadAsync(
        string query, byte[]? body = null, string? contentType = null, string method = "POST", ClientCharset charset = ClientCharset.Auto)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        request.QueryString = new QueryString("?" + query);
        request.ContentType = contentType;
        request.Body = new MemoryStream(body ?? []);
        return await RequestReader.ReadAsync(request, charset, CancellationToken.None);
    }
}
