using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace PayRecharge.WebApi.Http;

/// <summary>
/// Passes a connection's buffers through unchanged, except request lines that Kestrel would refuse and Apache serves: it returns an edited
/// copy of these. It does not detect where a request ends. The server announces each next request line (<see cref="ExpectLine"/>), so both
/// always agree on the bytes of a request line.
/// </summary>
internal sealed class RawTargetReader(PipeReader inner) : PipeReader
{
    // Bytes after the method that need no edit. A # is refused: Kestrel would serve the path before it, and proxies cut it differently.
    private static readonly SearchValues<byte> Untouched =
        SearchValues.Create([.. Enumerable.Range(0, 0x80).Where(b => b != '#').Select(b => (byte)b)]);

    private static ReadOnlySpan<byte> HexDigits => "0123456789ABCDEF"u8;

    private bool _isAtLine = true;
    private long _searched; // the number of unconsumed bytes that contain no line end
    private ReadOnlySequence<byte> _shown;
    private byte[]? _copy; // the buffer behind _shown, until all of it is consumed

    /// <summary>Marks the consumed bytes as the end of a request: the next byte begins a request line.</summary>
    public void ExpectLine() => (_isAtLine, _searched) = (true, 0);

    public override bool TryRead(out ReadResult result)
    {
        if (_copy is not null)
            result = new(_shown, isCanceled: false, isCompleted: false);
        else if (inner.TryRead(out result))
            result = Show(result);
        else
            return false;
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_copy is not null)
            return new(new ReadResult(_shown, isCanceled: false, isCompleted: false));
        var read = inner.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new(Show(read.Result)) : ShowAsync(read);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_copy is null)
        {
            if (_isAtLine)
                Forget(consumed);
            inner.AdvanceTo(consumed, examined);
            return;
        }
        _shown = _shown.Slice(consumed);
        if (_shown.IsEmpty)
            ReturnCopy();
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        ReturnCopy();
        inner.Complete(exception);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ShowAsync(ValueTask<ReadResult> read) => Show(await read.ConfigureAwait(false));

    // An incomplete line is passed through: until it is complete, Kestrel only searches for its end.
    private ReadResult Show(ReadResult read)
    {
        if (!_isAtLine)
            return read;
        _shown = read.Buffer;
        var start = LengthOfLineEnds(_shown);
        if (start == _shown.Length)
            return read;
        // Kestrel accepts nothing that begins like this, but a TLS record does. Its bytes are no request line.
        if (_shown.Slice(start).FirstSpan[0] is <= (byte)' ' or > (byte)'~')
        {
            _isAtLine = false;
            return read;
        }
        if (_shown.Slice(Math.Max(start, _searched)).PositionOf((byte)'\n') is not { } end)
        {
            _searched = _shown.Length;
            return read;
        }
        _isAtLine = false;
        end = _shown.GetPosition(1, end);
        var line = _shown.Slice(start, end);
        // Kestrel rejects longer lines.
        return line.Length <= RawTargets.MaxRequestLineSize && TryEdit(line, out var edited) ? ShowCopy(read, edited, end) : read;
    }

    private ReadResult ShowCopy(ReadResult read, int length, SequencePosition end)
    {
        _shown = new(_copy.AsMemory(0, length));
        var isLast = read.IsCompleted && read.Buffer.Slice(end).IsEmpty;
        inner.AdvanceTo(end);
        return new(_shown, read.IsCanceled, isLast);
    }

    // Kestrel consumes whole lines, and before them only line ends. A consumer of anything else reads no lines.
    private void Forget(SequencePosition consumed)
    {
        var taken = _shown.Slice(0, consumed);
        if (LengthOfLineEnds(taken) < taken.Length)
            _isAtLine = false;
        else
            _searched = Math.Max(0, _searched - taken.Length);
    }

    private static long LengthOfLineEnds(ReadOnlySequence<byte> bytes)
    {
        var length = 0L;
        foreach (var memory in bytes)
        {
            var first = memory.Span.IndexOfAnyExcept((byte)'\r', (byte)'\n');
            if (first >= 0)
                return length + first;
            length += memory.Length;
        }
        return length;
    }

    private bool TryEdit(ReadOnlySequence<byte> line, out int length)
    {
        if (line.IsSingleSegment)
            return TryEdit(line.FirstSpan, out length);
        var whole = ArrayPool<byte>.Shared.Rent((int)line.Length);
        line.CopyTo(whole);
        var edits = TryEdit(whole.AsSpan(0, (int)line.Length), out length);
        ArrayPool<byte>.Shared.Return(whole);
        return edits;
    }

    private bool TryEdit(ReadOnlySpan<byte> line, out int length)
    {
        length = 0;
        var method = line.IndexOf((byte)' ');
        if (method < 0)
            return false;
        // Kestrel refuses an HTTP/1.0 POST that declares no body length, although it simply has no body. Kestrel does not recognize the
        // spelling "Post", and all later code ignores the case of methods.
        var isOldPost = line.StartsWith("POST "u8) && (line.EndsWith(" HTTP/1.0\r\n"u8) || line.EndsWith(" HTTP/1.0\n"u8));
        if (!isOldPost && line[method..].IndexOfAnyExcept(Untouched) < 0)
            return false;

        _copy = ArrayPool<byte>.Shared.Rent(3 * line.Length);
        line[..method].CopyTo(_copy);
        length = method;
        foreach (var b in line[method..])
        {
            if (b > 0x7F)
            {
                _copy[length++] = (byte)'%';
                _copy[length++] = HexDigits[b >> 4];
                _copy[length++] = HexDigits[b & 15];
            }
            else
            {
                // Kestrel answers 400 if the line contains a NUL.
                _copy[length++] = b == '#' ? (byte)0 : b;
            }
        }
        if (isOldPost)
            "Post"u8.CopyTo(_copy);
        return true;
    }

    private void ReturnCopy()
    {
        if (_copy is null)
            return;
        ArrayPool<byte>.Shared.Return(_copy);
        (_copy, _shown) = (null, default);
    }
}
