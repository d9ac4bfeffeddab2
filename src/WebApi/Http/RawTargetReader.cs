using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace PayRecharge.WebApi.Http;

/// <summary>
/// Hands the connection's buffers through as they are. Only where a request target holds a raw byte, that request line
/// (and what is still unread before it) is shown from a copy, until the copy has been consumed.
/// </summary>
internal sealed class RawTargetReader(PipeReader inner) : PipeReader
{
    private static readonly PipeOptions Unlimited = new(pauseWriterThreshold: 0, useSynchronizationContext: false);

    private static ReadOnlySpan<byte> HexDigits => "0123456789ABCDEF"u8;

    private RawTargetScanner _scanner;
    private Pipe? _copy;
    private bool _showsCopy;
    private ReadOnlySequence<byte> _shown;
    private long _scanned;

    public override bool TryRead(out ReadResult result)
    {
        if (TryReadCopy(out result))
            return true;
        if (!inner.TryRead(out result))
            return false;
        result = Show(result);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryReadCopy(out var result))
            return new(result);
        var read = inner.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new(Show(read.Result)) : ShowAsync(read);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_showsCopy)
        {
            _showsCopy = !_shown.Slice(consumed).IsEmpty;
            _copy!.Reader.AdvanceTo(consumed, examined);
            return;
        }
        if (!_scanner.IsOff)
            _scanned = _shown.Slice(consumed).Length;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        _copy?.Writer.Complete();
        _copy?.Reader.Complete();
        inner.Complete(exception);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ShowAsync(ValueTask<ReadResult> read) => Show(await read.ConfigureAwait(false));

    private ReadResult Show(ReadResult read)
    {
        if (_showsCopy)
            return ShowCopy(read);
        if (_scanner.IsOff)
            return read;
        _shown = read.Buffer;
        foreach (var memory in _scanned == 0 ? _shown : _shown.Slice(_scanned))
        {
            var bytes = memory.Span;
            while (!bytes.IsEmpty)
            {
                var length = _scanner.Scan(bytes, out var raw);
                _scanned += length;
                if (raw)
                    return ShowCopy(read);
                bytes = bytes[length..];
            }
        }
        return read;
    }

    private ReadResult ShowCopy(ReadResult read)
    {
        var writer = (_copy ??= new Pipe(Unlimited)).Writer;
        foreach (var memory in read.Buffer.Slice(0, _scanned))
            writer.Write(memory.Span);
        var taken = _scanned + Encode(read.Buffer.Slice(_scanned), writer);
        inner.AdvanceTo(read.Buffer.GetPosition(taken));
        _scanned = 0;
        _showsCopy = true;

        var flushed = writer.FlushAsync();
        Debug.Assert(flushed.IsCompleted, "A pipe without a limit has nothing to wait for.");
        // Makes the pipe show what it holds even where nothing was added.
        _copy.Reader.CancelPendingRead();
        _copy.Reader.TryRead(out var copy);
        _shown = copy.Buffer;
        return new(copy.Buffer, read.IsCanceled, read.IsCompleted && taken == read.Buffer.Length);
    }

    private long Encode(ReadOnlySequence<byte> source, PipeWriter writer)
    {
        var taken = 0L;
        foreach (var memory in source)
        {
            var bytes = memory.Span;
            while (!bytes.IsEmpty)
            {
                var length = _scanner.Scan(bytes, out var raw);
                writer.Write(bytes[..length]);
                taken += length;
                // The reader is done with a request line before it looks further, and the rest needs no copy.
                if (_scanner.IsAtHeaders)
                    return taken;
                bytes = bytes[length..];
                if (!raw)
                    continue;
                _scanner.TakeRaw();
                writer.Write([(byte)'%', HexDigits[bytes[0] >> 4], HexDigits[bytes[0] & 15]]);
                taken++;
                bytes = bytes[1..];
            }
        }
        return taken;
    }

    private bool TryReadCopy(out ReadResult result)
    {
        result = default;
        if (!_showsCopy || !_copy!.Reader.TryRead(out var copy))
            return false;
        _shown = copy.Buffer;
        // What is buffered there waits, but a cancellation is for this read.
        var canceled = false;
        if (inner.TryRead(out var read))
        {
            canceled = read.IsCanceled;
            inner.AdvanceTo(read.Buffer.Start);
        }
        result = new(copy.Buffer, canceled, isCompleted: false);
        return true;
    }
}
