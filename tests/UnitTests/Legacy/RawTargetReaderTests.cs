using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using PayRecharge.WebApi.Http;

namespace PayRecharge.UnitTests.Legacy;

public sealed class RawTargetReaderTests
{
    private static readonly Gen<string> Target = Gen.Char["ab=&?/%+#\x7F\x80\xD6\xB5\xFF"].Array[0, 12].Select(c => "/" + new string(c));

    private static readonly Gen<string> Line = Gen.Select(
        Gen.OneOf("", "", "", "", "\r\n", "\n\r\r"),
        Often(["GET", "POST", "HEAD", "get", "A_B", "PROPFIND-X"], ["", "\xD6", "CONNECT", "\x16\x03", " GET", "G#T"]),
        Gen.Frequency((9, Target), (1, Gen.OneOf("", "*", "/a b", "/\t\x90", "/\0"))),
        Gen.OneOf(" HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/1.0\n", "\n", "  HTTP/1.1\xD6\r\n"),
        (skipped, method, target, version) => skipped + method + " " + target + version);

    // Headers, a body, chunks or frames: only the server can tell.
    private static readonly Gen<string> Rest = Gen.OneOf(
        Gen.Const(""),
        Gen.Const("GET /\xD6#\xB5 HTTP/1.1\r\n\r\n"),
        Gen.Char["ab: \r\n#\xD6\xFF"].Array[0, 40].Select(c => new string(c)));

    [Test]
    public void Only_request_lines_change_however_the_stream_is_split_and_read() =>
        Gen.Select(Gen.Select(Line, Rest).Array[1, 5], Gen.Int[1, 40].Array[1, 8], Gen.Int[0, 100].Array[1, 20]).Sample((requests, sizes, choices) =>
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 16));
            var server = new Server(new RawTargetReader(pipe.Reader), [.. requests.Select(request => request.Item2.Length)], choices);
            var stream = Encoding.Latin1.GetBytes(string.Concat(requests.Select(request => request.Item1 + request.Item2)));
            for (int at = 0, chunk = 0; at < stream.Length; chunk++)
            {
                var end = Math.Min(at + sizes[chunk % sizes.Length], stream.Length);
                pipe.Writer.Write(stream.AsSpan(at..end));
                pipe.Writer.FlushAsync().AsTask().Wait();
                at = end;
                server.Read();
            }
            Assert.That(server.Taken, Is.EqualTo(string.Concat(requests.Select(request => Edited(request.Item1) + request.Item2))));
        }, iter: 10_000);

    [Test]
    public async Task Who_reads_no_lines_gets_every_byte_as_it_came()
    {
        var pipe = new Pipe();
        var reader = new RawTargetReader(pipe.Reader);
        await pipe.Writer.WriteAsync("xxA "u8.ToArray());
        reader.AdvanceTo((await reader.ReadAsync()).Buffer.GetPosition(2));
        await pipe.Writer.WriteAsync(Encoding.Latin1.GetBytes("\xD6#\n"));
        Assert.That(Text(await reader.ReadAsync()), Is.EqualTo("A \xD6#\n"));
    }

    [Test]
    public async Task A_line_is_edited_after_the_server_has_said_that_one_comes_and_only_then([Values] bool expected)
    {
        var pipe = new Pipe();
        var reader = new RawTargetReader(pipe.Reader);
        await pipe.Writer.WriteAsync("GET /a HTTP/1.1\r\n\r\n"u8.ToArray());
        reader.AdvanceTo((await reader.ReadAsync()).Buffer.End);
        if (expected)
            reader.ExpectLine();
        await pipe.Writer.WriteAsync(Encoding.Latin1.GetBytes("GET /\xD6 HTTP/1.1\r\n"));
        Assert.That(Text(await reader.ReadAsync()), Is.EqualTo(expected ? "GET /%D6 HTTP/1.1\r\n" : "GET /\xD6 HTTP/1.1\r\n"));
    }

    [Test]
    public void Untouched_bytes_are_handed_through_without_a_copy_or_an_allocation()
    {
        var pipe = new Pipe();
        var reader = new RawTargetReader(pipe.Reader);
        var request = "POST /plugin.php?id=a:b&body=%D6%B5 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=\u00E9"u8.ToArray().AsMemory()[..^1];
        long Round(int count)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < count; i++)
            {
                pipe.Writer.Write(request.Span);
                pipe.Writer.FlushAsync().AsTask().Wait();
                reader.TryRead(out var read);
                reader.AdvanceTo(read.Buffer.End);
                reader.ExpectLine();
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Round(100);
        Assert.That(Round(1000), Is.LessThan(1000));

        var memory = pipe.Writer.GetMemory(request.Length);
        request.CopyTo(memory);
        pipe.Writer.Advance(request.Length);
        pipe.Writer.FlushAsync().AsTask().Wait();
        reader.TryRead(out var shown);
        Assert.That(shown.Buffer.FirstSpan.Overlaps(memory.Span, out var offset) && offset == 0);
    }

    [Test]
    public async Task A_waiting_read_is_cancelled_and_goes_on_afterwards()
    {
        var pipe = new Pipe();
        var reader = new RawTargetReader(pipe.Reader);
        await pipe.Writer.WriteAsync(Encoding.Latin1.GetBytes("GET /\xD6"));
        var first = await reader.ReadAsync();
        reader.AdvanceTo(first.Buffer.Start, first.Buffer.End);
        var waiting = reader.ReadAsync().AsTask();
        Assert.That(waiting.IsCompleted, Is.False);
        reader.CancelPendingRead();
        var cancelled = await waiting;
        Assert.That((cancelled.IsCanceled, Text(cancelled)), Is.EqualTo((true, "GET /\xD6")));
        reader.AdvanceTo(cancelled.Buffer.Start, cancelled.Buffer.End);

        await pipe.Writer.WriteAsync(Encoding.Latin1.GetBytes("\xB5 \n"));
        await pipe.Writer.CompleteAsync();
        reader.CancelPendingRead();
        var last = await reader.ReadAsync();
        Assert.That((last.IsCanceled, last.IsCompleted, Text(last)), Is.EqualTo((true, true, "GET /%D6%B5 \n")));
        reader.AdvanceTo(last.Buffer.End);
        var end = await reader.ReadAsync();
        Assert.That((end.IsCompleted, end.Buffer.Length), Is.EqualTo((true, 0L)));
        await reader.CompleteAsync();
    }

    private static string Text(ReadResult read) => Encoding.Latin1.GetString(read.Buffer);

    private static Gen<string> Often(string[] usual, string[] odd) =>
        Gen.Frequency((19, Gen.OneOf(usual)), (1, Gen.OneOf(odd)));

    // The same edit, with regular expressions.
    private static string Edited(string line)
    {
        line = line.TrimStart('\r', '\n');
        var parts = Regex.Match(line, @"^([\x21-\x7E][^ ]*)( .*)$", RegexOptions.Singleline);
        if (!parts.Success)
            return line;
        var (method, target) = (parts.Groups[1].Value, parts.Groups[2].Value);
        if (method == "POST" && Regex.IsMatch(target, @" HTTP/1\.0\r?\n\z"))
            method = "Post";
        target = Regex.Replace(target.Replace('#', '\0'), @"[\x80-\xFF]", raw => "%" + ((int)raw.Value[0]).ToString("X2", CultureInfo.InvariantCulture));
        return method + target;
    }

    /// <summary>Reads like Kestrel: skips leading line breaks, takes a whole request line, and the rest in pieces.</summary>
    private sealed class Server(RawTargetReader reader, int[] rests, int[] choices)
    {
        private readonly StringBuilder _taken = new();
        private int _request;
        private int _left = -1; // bytes left after the request line; -1: the line is incomplete
        private int _turn;

        public string Taken => _taken.ToString();

        public void Read()
        {
            while (reader.TryRead(out var read))
            {
                var text = Encoding.Latin1.GetString(read.Buffer);
                var length = _left < 0 ? LineIn(text) : Math.Min(_left, Math.Max(1, choices[_turn++ % choices.Length] * text.Length / 100));
                // Kestrel ignores line breaks before a request line, and the edited copy has none.
                var taken = _left < 0 ? text[..length].TrimStart('\r', '\n') : text[..length];
                _taken.Append(taken);
                var stays = _left < 0 && taken.Length == 0;
                reader.AdvanceTo(read.Buffer.GetPosition(length), stays ? read.Buffer.End : read.Buffer.GetPosition(length));
                if (stays)
                    continue;
                _left = _left < 0 ? rests[_request] : _left - length;
                if (_left > 0)
                    continue;
                _left = -1;
                if (++_request == rests.Length)
                    return;
                reader.ExpectLine();
            }
        }

        private static int LineIn(string text)
        {
            var start = text.Length - text.AsSpan().TrimStart("\r\n").Length;
            var end = text.IndexOf('\n', start);
            return end < 0 ? start : end + 1;
        }
    }
}
