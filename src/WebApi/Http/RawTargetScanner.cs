using System.Buffers;

namespace PayRecharge.WebApi.Http;

/// <summary>
/// Follows HTTP/1 requests byte for byte, just far enough to know where the next request target stands. Where it could
/// see another message boundary than Kestrel does, it switches itself off for good, so that bytes of a body are never
/// taken for a request line.
/// </summary>
internal struct RawTargetScanner
{
    private static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    // No other value of Connection that clients send has a u in it, and "upgrade" ends the framing.
    private static readonly SearchValues<byte> UpgradeOrEnd = SearchValues.Create("uU\r\n"u8);

    private static readonly byte[][] FramingHeaders =
        [[.. "content-length"u8], [.. "connection"u8], [.. "transfer-encoding"u8], [.. "upgrade"u8]];

    private const ulong Connect = 0x43_4F_4E_4E_45_43_54; // "CONNECT" as its bytes in a row
    private const ulong Http2Preface = 0x50_52_49; // "PRI"

    private State _state;
    private ulong _method;
    private long _count; // of bytes seen in the current part; in a body, of bytes to come
    private int _candidates; // one bit for each framing header that the name may still be
    private long _contentLength;

    private enum State : byte { Start, Method, Target, Version, HeaderStart, Name, Value, Connection, Length, LengthEnd, ValueFeed, EndFeed, Body, Off }

    /// <summary>Nothing will be encoded on this connection any more.</summary>
    public readonly bool IsOff => _state == State.Off;

    /// <summary>A request line or a header line has just ended.</summary>
    public readonly bool IsAtHeaders => _state == State.HeaderStart;

    /// <summary>Follows the bytes up to the end, the end of a request line, or (exclusive) a raw byte in a target.</summary>
    public int Scan(ReadOnlySpan<byte> bytes, out bool raw)
    {
        raw = false;
        var at = 0;
        while (at < bytes.Length)
        {
            var rest = bytes[at..];
            switch (_state)
            {
                case State.Off:
                    return bytes.Length;
                case State.Target:
                    at += ScanTarget(rest, out raw);
                    if (raw)
                        return at;
                    break;
                case State.Version:
                    ScanVersion(rest[0]);
                    at++;
                    if (_state == State.HeaderStart)
                        return at;
                    break;
                case State.Name:
                    at += ScanName(rest);
                    break;
                case State.Value:
                    at += ScanValue(rest, rest.IndexOfAny((byte)'\r', (byte)'\n'));
                    break;
                case State.Connection:
                    at += ScanValue(rest, rest.IndexOfAny(UpgradeOrEnd));
                    break;
                case State.Body:
                    var length = (int)long.Min(rest.Length, _count);
                    at += length;
                    _count -= length;
                    if (_count == 0)
                        _state = State.Start;
                    break;
                case State.HeaderStart when rest[0] != '\r':
                    _state = State.Name;
                    _count = 0;
                    _candidates = 0b1111;
                    break;
                default:
                    _state = Step(rest[0]);
                    at++;
                    break;
            }
        }
        return at;
    }

    /// <summary>Goes past the raw byte that a scan stopped at.</summary>
    public void TakeRaw() => _count++;

    private int ScanTarget(ReadOnlySpan<byte> bytes, out bool raw)
    {
        var length = bytes.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7F);
        raw = length >= 0 && bytes[length] > 0x7F;
        if (length < 0)
            length = bytes.Length;
        _count += length;
        if (raw && _count >= RawTargets.MaxRawTarget)
        {
            raw = false;
            _state = State.Off;
        }
        else if (!raw && length < bytes.Length)
        {
            _state = bytes[length++] == ' ' ? State.Version : State.Off;
            _count = 0;
        }
        return length;
    }

    private void ScanVersion(byte value)
    {
        var expected = "HTTP/1.1\r\n"u8;
        if (value != expected[(int)_count] && !(_count == 7 && value == '0'))
            _state = State.Off;
        else if (++_count == expected.Length)
            (_state, _contentLength) = (State.HeaderStart, -1);
    }

    private int ScanName(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.IndexOfAnyExcept(Token);
        var name = length < 0 ? bytes : bytes[..length];
        for (var i = 0; i < name.Length && _candidates != 0; i++, _count++)
        {
            for (var header = 0; header < FramingHeaders.Length; header++)
            {
                var word = FramingHeaders[header];
                // No token byte but the letter itself becomes the letter with this bit set.
                if (_count >= word.Length || word[_count] != (name[i] | 0x20))
                    _candidates &= ~(1 << header);
            }
        }
        if (length < 0)
            return bytes.Length;
        _state = bytes[length] == ':' ? HeaderValue() : State.Off;
        _count = 0;
        return length + 1;
    }

    private State HeaderValue()
    {
        var header = 0;
        while (header < FramingHeaders.Length && !((_candidates & (1 << header)) != 0 && _count == FramingHeaders[header].Length))
            header++;
        switch (header)
        {
            case 0 when _contentLength < 0:
                _contentLength = 0;
                return State.Length;
            case 1:
                return State.Connection;
            default:
                return header == FramingHeaders.Length ? State.Value : State.Off;
        }
    }

    private int ScanValue(ReadOnlySpan<byte> bytes, int end)
    {
        if (end < 0)
            return bytes.Length;
        _state = bytes[end] == '\r' ? State.ValueFeed : State.Off;
        return end + 1;
    }

    private State Step(byte value)
    {
        switch (_state)
        {
            case State.Start when value is (byte)'\r' or (byte)'\n':
                return State.Start;
            case State.Start when char.IsAsciiLetterUpper((char)value):
                _method = value;
                return State.Method;
            case State.Method when char.IsAsciiLetterUpper((char)value) && _method >> 56 == 0:
                _method = (_method << 8) | value;
                return State.Method;
            case State.Method when value == ' ' && _method is not (Connect or Http2Preface):
                _count = 0;
                return State.Target;
            case State.HeaderStart:
                return State.EndFeed;
            case State.Length when value is (byte)' ' or (byte)'\t':
                return _count == 0 ? State.Length : State.LengthEnd;
            case State.Length when char.IsAsciiDigit((char)value) && _count < 18:
                _count++;
                _contentLength = (_contentLength * 10) + (value - '0');
                return State.Length;
            case State.LengthEnd when value is (byte)' ' or (byte)'\t':
                return State.LengthEnd;
            case State.Length or State.LengthEnd when value == '\r' && _count > 0:
                return State.ValueFeed;
            case State.ValueFeed when value == '\n':
                return State.HeaderStart;
            case State.EndFeed when value == '\n':
                _count = _contentLength;
                return _count > 0 ? State.Body : State.Start;
            default:
                return State.Off;
        }
    }
}
