using System.Buffers;
using System.Globalization;
using System.Text;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// Writes a reply envelope piece by piece, in the order of the calls: one of the Open methods, the data, then
/// <see cref="Close"/>. Between pieces the caller may flush.
/// </summary>
internal abstract class LegacyWriter(IBufferWriter<byte> output)
{
    // Most of what is written is a few bytes, and a response is slow to give room: it is asked for much at once.
    private Memory<byte> _room;
    private int _used;

    /// <summary>Sets the reply's head, the same for success and failure, and writes to its body.</summary>
    public static LegacyWriter For(HttpResponse response, bool xml)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = xml ? "text/xml; charset=utf-8" : "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return xml ? new LegacyXml(response.BodyWriter) : new LegacyJson(response.BodyWriter);
    }

    /// <summary>A success whose data is one object.</summary>
    public void OpenObject(int count) => Open(200, "OK", count, isObject: count > 0);

    /// <summary>A success whose data is a list of rows.</summary>
    public void OpenList(int count) => Open(200, "OK", count, isObject: false);

    /// <summary>A failure, which has no data.</summary>
    public void OpenError(int code, string result) => Open(code, result, 0, isObject: false);

    /// <summary>Goes on after what another writer of the same format has written, from its opening to its last field or item.</summary>
    /// <param name="written">What was written.</param>
    /// <param name="isObject">Whether its data is an object that has fields.</param>
    public virtual void GoOnAfter(ReadOnlySpan<byte> written, bool isObject) => Raw(written);

    /// <summary>Begins an object that stands in the data object under a number.</summary>
    public abstract void OpenItem(long id);

    /// <summary>Begins the next row of the data list.</summary>
    public abstract void OpenRow();

    /// <summary>Ends an item or a row.</summary>
    public abstract void CloseItem();

    /// <summary>Adds a field that is text; null is the empty text.</summary>
    public abstract void Text(string name, string? value);

    /// <summary>Adds a field that is text, a number in plain digits.</summary>
    public abstract void Text(string name, long value);

    /// <summary>Adds a field that is a number.</summary>
    public abstract void Number(string name, long value);

    /// <summary>Ends the reply with the time it took.</summary>
    public void Close(TimeSpan elapsed)
    {
        End(elapsed);
        HandOver();
    }

    /// <summary>Hands what was written over to the output; it has to be before the output is flushed.</summary>
    public void HandOver()
    {
        if (_used > 0) output.Advance(_used);
        (_room, _used) = (default, 0);
    }

    /// <summary>Ends the data and the envelope.</summary>
    protected abstract void End(TimeSpan elapsed);

    /// <summary>Begins the envelope and its data; without fields the data is a list, as an empty PHP array is.</summary>
    protected abstract void Open(int code, string result, int count, bool isObject);

    /// <summary>Seconds with at most five decimals, never none at all and never in exponent form.</summary>
    internal static string Sqltime(TimeSpan elapsed)
    {
        var seconds = decimal.Round(elapsed.Ticks / (decimal)TimeSpan.TicksPerSecond, 5, MidpointRounding.AwayFromZero);
        return decimal.Max(seconds, 0.00001m).ToString("0.#####", CultureInfo.InvariantCulture) + "s";
    }

    /// <summary>Writes bytes as they are.</summary>
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
