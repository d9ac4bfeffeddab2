using System.Buffers;

namespace PayRecharge.WebApi.Legacy;

/// <summary>The XML envelope.</summary>
internal sealed class LegacyXml(IBufferWriter<byte> output) : LegacyWriter(output)
{
    // The characters that XML 1.0 reserves or forbids. The UTF-8 encoder itself replaces lone surrogates.
    private static readonly SearchValues<char> Special = SearchValues.Create(
        [.. Enumerable.Range(0, ' ').Select(code => (char)code).Except("\t\n"), '&', '<', '>', '\uFFFE', '\uFFFF']);

    private long _row;

    public override void OpenItem(long id)
    {
        Raw("<item id=\""u8);
        Raw(id);
        Raw("\">"u8);
    }

    public override void OpenRow() => OpenItem(_row++);

    public override void CloseItem() => Raw("</item>"u8);

    public override void Text(string name, string? value)
    {
        Tag("<"u8, name);
        String(value);
        Tag("</"u8, name);
    }

    public override void Text(string name, long value) => Number(name, value);

    public override void Number(string name, long value)
    {
        Tag("<"u8, name);
        Raw(value);
        Tag("</"u8, name);
    }

    protected override void Open(int code, string result, int count, bool isObject)
    {
        Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root>"u8);
        Number("code", code);
        Text("result", result);
        Number("count", count);
        Tag("<"u8, "data");
    }

    protected override void End(TimeSpan elapsed)
    {
        Tag("</"u8, "data");
        Text("sqltime", Sqltime(elapsed));
        Tag("</"u8, "root");
    }

    private void Tag(ReadOnlySpan<byte> open, string name)
    {
        Raw(open);
        Raw(name);
        Raw(">"u8);
    }

    private void String(ReadOnlySpan<char> text)
    {
        for (int at; (at = text.IndexOfAny(Special)) >= 0; text = text[(at + 1)..])
        {
            Raw(text[..at]);
            Raw(text[at] switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '\r' => "&#13;", _ => "\uFFFD" });
        }
        Raw(text);
    }
}
