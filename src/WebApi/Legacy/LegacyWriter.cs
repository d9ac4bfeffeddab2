using System.Buffers;
using System.Globalization;
using System.Text;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// Writes a reply envelope in parts: call one of the Open methods, write the data, then call <see cref="Close"/>. The caller may flush
/// between the parts.
/// </summary>
internal abstract class LegacyWriter(IBufferWriter<byte> output)
{
    // Most writes are a few bytes, and requesting memory from a response is slow: request a large block.
    private Memory<byte> _room;
    private int _used;

    /// <summary>Sets the headers, equal for success and failure, and returns a writer for the body.</summary>
    public static LegacyWriter For(HttpResponse response, bool xml)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = xml ? "text/xml; charset=utf-8" : "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return xml ? new LegacyXml(response.BodyWriter) : new LegacyJson(response.BodyWriter);
    }

    /// <summary>Opens a success with one object as data.</summary>
    public void OpenObject(int count) => Open(200, "OK", count, isObject: count > 0);

    /// <summary>Opens a success with a list of rows as data.</summary>
    public void OpenList(int count) => Open(200, "OK", count, isObject: false);

    /// <summary>Opens a failure, which has no data.</summary>
    public void OpenError(int code, string result) => Open(code, result, 0, isObject: false);

    /// <summary>Copies the output of another writer of the same format, up to its last field or item, and continues it.</summary>
    /// <param name="written">The output.</param>
    /// <param name="isObject">Whether its data is an object with fields.</param>
    public virtual void GoOnAfter(ReadOnlySpan<byte> written, bool isObject) => Raw(written);

    /// <summary>Begins an object with a number as its name in the data object.</summary>
    public abstract void OpenItem(long id);

    /// <summary>Begins the next row of the data list.</summary>
    public abstract void OpenRow();

    /// <summary>Ends an item or a row.</summary>
    public abstract void CloseItem();

    /// <summary>Adds a text field; null becomes the empty text.</summary>
    public abstract void Text(string name, string? value);

    /// <summary>Adds a text field that holds a number in plain digits.</summary>
    public abstract void Text(string name, long value);

    /// <summary>Adds a number field.</summary>
    public abstract void Number(string name, long value);

    /// <summary>Ends the reply with the elapsed time.</summary>
    public void Close(TimeSpan elapsed)
    {
        End(elapsed);
        HandOver();
    }

    /// <summary>Commits the written bytes to the output. Call it before the output is flushed.</summary>
    public void HandOver()
    {
        if (_used > 0) output.Advance(_used);
        (_room, _used) = (default, 0);
    }

    /// <summary>Ends the data and the envelope.</summary>
    protected abstract void End(TimeSpan elapsed);

    /// <summary>Begins the envelope and its data. Data without fields is a list, like an empty PHP array.</summary>
    protected abstract void Open(int code, string result, int count, bool isObject);

    /// <summary>Formats seconds with at most five decimals, never as 0 and never in exponent form.</summary>
    internal static string Sqltime(TimeSpan elapsed)
    {
        var seconds = decimal.Round(elapsed.Ticks / (decimal)TimeSpan.TicksPerSecond, 5, MidpointRounding.AwayFromZero);
        return decimal.Max(seconds, 0.00001m).ToString("0.#####", CultureInfo.InvariantCulture) + "s";
    }

    /// <summary>Writes bytes unchanged.</summary>
    protected void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _used += bytes.Length;
    }

    /// <summary>Writes text that needs no escape.</summary>
    protected void Raw(ReadOnlySpan<char> text)
    {
        var written = Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));
        _used += written;
    }

    /// <summary>Writes a number in plain digits.</summary>
    protected void Raw(long number)
    {
        number.TryFormat(Room(20), out var written, default, CultureInfo.InvariantCulture);
        _used += written;
    }

    private Span<byte> Room(int size)
    {
        if (_room.Length - _used < size)
        {
            HandOver();
            _room = output.GetMemory(Math.Max(size, 512));
        }
        return _room.Span[_used..];
    }
}
