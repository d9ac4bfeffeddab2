using System.Text;
using System.Text.Unicode;
using PayRecharge.Application.Settings;
using Pair = (System.ReadOnlyMemory<byte> Name, System.ReadOnlyMemory<byte> Value);

namespace PayRecharge.WebApi.Legacy;

/// <summary>Detects the charset of a request; a client never declares it.</summary>
internal static class LegacyCharset
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Encoding Gb18030;

    static LegacyCharset()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        Gb18030 = Encoding.GetEncoding("gb18030", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
    }

    /// <summary>Chooses one charset for the whole request from the bytes of all its parameters.</summary>
    public static Encoding Choose(ClientCharset setting, List<Pair> pairs)
    {
        if (setting != ClientCharset.Auto)
            return setting == ClientCharset.Gbk ? Gb18030 : StrictUtf8;
        var onlyPairs = false;
        var longer = false;
        foreach (var (name, value) in pairs)
        {
            if (!Utf8.IsValid(name.Span) || !Utf8.IsValid(value.Span))
                return Gb18030;
            longer |= Contains(name, value, 0xE0, 0xFF);
            onlyPairs |= Contains(name, value, 0xC0, 0xDF);
        }
        // Every two-byte sequence of UTF-8 is also a Chinese character in GB18030, which is far likelier than a Hebrew letter.
        return onlyPairs && !longer ? Gb18030 : StrictUtf8;
    }

    private static bool Contains(ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, byte from, byte to) =>
        name.Span.ContainsAnyInRange(from, to) || value.Span.ContainsAnyInRange(from, to);
}
