using System.Buffers;
using System.Globalization;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// The JSON envelope in the format of PHP's json_encode, with two exceptions: slashes stay raw, and angle brackets are escaped, since
/// replies are text/html. No encoder of System.Text.Json writes lower-case escapes.
/// </summary>
internal sealed class LegacyJson(IBufferWriter<byte> output) : LegacyWriter(output)
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', 0x80 - ' ').Select(code => (char)code).Except("\"\\<>")]);

    private bool _isObject;
    private bool _isFirst;

    public override void GoOnAfter(ReadOnlySpan<byte> written, bool isObject)
    {
        base.GoOnAfter(written, isObject);
        _isObject = isObject;
    }

    public override void OpenItem(long id)
    {
        Name(id.ToString(CultureInfo.InvariantCulture));
        Raw("{"u8);
        _isFirst = true;
    }

    public override void OpenRow()
    {
        Separate();
        Raw("{"u8);
        _isFirst = true;
    }

    public override void CloseItem()
    {
        Raw("}"u8);
        _isFirst = false;
    }

    public override void Text(string name, string? value)
    {
        Name(name);
        String(value);
    }

    public override void Text(string name, long value)
    {
        Name(name);
        Raw("\""u8);
        Raw(value);
        Raw("\""u8);
    }

    public override void Number(string name, long value)
    {
        Name(name);
        Raw(value);
    }

    protected override void Open(int code, string result, int count, bool isObject)
    {
        _isObject = isObject;
        _isFirst = true;
        Raw("{"u8);
        Number("code", code);
        Text("result", result);
        Number("count", count);
        Name("data");
        Raw(isObject ? "{"u8 : "["u8);
        _isFirst = true;
    }

    protected override void End(TimeSpan elapsed)
    {
        Raw(_isObject ? "}"u8 : "]"u8);
        _isFirst = false;
        Text("sqltime", Sqltime(elapsed));
        Raw("}"u8);
    }

    private void Name(string name)
    {
        Separate();
        String(name);
        Raw(":"u8);
    }

    private void Separate()
    {
        if (!_isFirst)
            Raw(","u8);
        _isFirst = false;
    }

    private void String(ReadOnlySpan<char> text)
    {
        Raw("\""u8);
        for (int at; (at = text.IndexOfAnyExcept(Plain)) >= 0; text = text[(at + 1)..])
        {
            Raw(text[..at]);
            Escape(text[at]);
        }
        Raw(text);
        Raw("\""u8);
    }

    private void Escape(char character)
    {
        switch (character)
        {
            case '"': Raw("\\\""u8); break;
            case '\\': Raw("\\\\"u8); break;
            case '\b': Raw("\\b"u8); break;
            case '\f': Raw("\\f"u8); break;
            case '\n': Raw("\\n"u8); break;
            case '\r': Raw("\\r"u8); break;
            case '\t': Raw("\\t"u8); break;
            default: Hex(character); break;
        }
    }

    private void Hex(int code)
    {
        var digits = "0123456789abcdef"u8;
        Raw([(byte)'\\', (byte)'u', digits[code >> 12], digits[(code >> 8) & 15], digits[(code >> 4) & 15], digits[code & 15]]);
    }
}
