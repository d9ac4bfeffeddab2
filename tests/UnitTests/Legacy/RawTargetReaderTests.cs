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
    private static readonly Gen<string> Target = Gen.Char["ab=&?/%+\x7F\x80\xD6\xB5\xFF"].Array[0, 12].Select(c => "/" + new string(c));

    private static readonly Gen<string> Line = Gen.Select(
        Gen.OneOf("", "", "", "", "\r\n", "\n\r\r"),
        Often(["GET", "POST", "HEAD", "OPTIONS"], ["CONNECT", "PRI", "get", "PROPPATCH", "M-SEARCH", " GET"]),
        Gen.Frequency((9, Target), (1, Gen.OneOf("", "*", "/a b", "/\t\x90", "/\0"))),
        Often([" HTTP/1.1\r\n", " HTTP/1.0\r\n"], [" HTTP/2.0\r\n", " HTTP/1.1\n", "\r\n", "  HTTP/1.1\r\n"]),
        (skipped, method, target, version) => skipped + method + " " + target + version);

    private static readonly Gen<string> Header = Often(
        ["Host: x\r\n", "Accept:\r\n", "Connection: keep-alive\r\n", "CONNECTION:close\r\n", "X-Name: \xD6\xB5\r\n", "Con: a\r\n", "Content-Lengths: 7\r\n"],
        ["Connection: Keep-Alive, uPGRADE\r\n", "Upgrade: h2c\r\n", "transfer-encoding: chunked\r\n", " folded: a\r\n", "Host : x\r\n",
            "Content-Length: +3\r\n", "Content-Length: 3, 3\r\n", "Content-Length:\r\n", "Content-Length: 3 3\r\n",
            "Content-Length: 9999999999999999999\r\n", "Host: x\n", "Host: \r\r\n", "X-\xD6: a\r\n", "no colon\r\n", "Content-Length: 2\r\n"]);

    private static readonly Gen<string> Body = Gen.Frequency(
        (3, Gen.Const("")),
        (2, Gen.Char["a=&\r\n\x80\xFF"].Array[0, 9].Select(c => new string(c))),
        (1, Gen.Const("GET /\xD6\xB5 HTTP/1.1\r\n\r\n")));

    private static readonly Gen<string> Request = Gen.Select(
        Line, Header.Array[0, 3], Body, Gen.OneOf("Content-Length: ", "content-length:\t0", "cONTENT-lENGTH:"), Gen.OneOf("\r\n", " \t\r\n"),
        (line, headers, body, name, end) =>
            line + string.Concat(headers) + (body.Length > 0 ? name + body.Length + end : "") + "\r\n" + body);

    private static readonly Gen<byte[]> Stream = Gen.Select(
        Request.Array[1, 4], Gen.Int[0, 400], Gen.Char["\r\n :G\xD6\x20\0"], Gen.Bool,
        (requests, at, mutation, mutates) =>
        {
            var stream = Encoding.Latin1.GetBytes(string.Concat(requests));
            if (mutates && at < stream.Length)
                stream[at] = (byte)mutation;
            return stream;
        });

    [Test]
    public void Only_raw_targets_change_however_the_stream_is_split_and_read() =>
        Gen.Select(Stream, Gen.Int[1, 40].Array[1, 8], Gen.Int[0, 100].Array[1, 20]).Sample((stream, sizes, choices) =>
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 16));
            var reader = new RawTargetReader(pipe.Reader);
            var taken = new List<byte>();
            var turn = 0;
            for (int at = 0, chunk = 0; at < stream.Length; chunk++)
            {
                var end = Math.Min(at + sizes[chunk % sizes.Length], stream.Length);
                pipe.Writer.Write(stream.AsSpan(at..end));
                pipe.Writer.FlushAsync().AsTask().Wait();
                at = end;
                byte[] visible = [];
                while (reader.TryRead(out var read))
                {
                    var buffer = read.Buffer;
                    visible = [.. taken, .. buffer.ToArray()];
                    var consumed = choices[turn++ % choices.Length] * buffer.Length / 100;
                    var examined = turn % 3 == 0 ? buffer.Length : consumed;
                    taken.AddRange(buffer.Slice(0, consumed).ToArray());
                    reader.AdvanceTo(buffer.GetPosition(consumed), buffer.GetPosition(examined));
                }
                // Nothing received is withheld, and nothing is shown otherwise than it stays.
                Assert.That(visible, Is.EqualTo(Model(stream[..end])));
            }
        }, iter: 10_000);

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
    public void A_target_is_encoded_up_to_32_kB_and_left_alone_beyond()
    {
        static byte[] Line(int length) => Encoding.Latin1.GetBytes("GET /" + new string('\xD6', length - 1) + " HTTP/1.1\r\n\r\nGET /\xD6");
        Assert.That(ReadAll(Line(32 * 1024)).Count(b => b == '%'), Is.EqualTo((32 * 1024) - 1 + 1));
        Assert.That(ReadAll(Line((32 * 1024) + 1)).Count(b => b > 0x7F), Is.EqualTo(2));
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
        Assert.That((cancelled.IsCanceled, Text(cancelled)), Is.EqualTo((true, "GET /%D6")));
        reader.AdvanceTo(cancelled.Buffer.Start);

        reader.CancelPendingRead();
        var again = await reader.ReadAsync();
        Assert.That((again.IsCanceled, Text(again)), Is.EqualTo((true, "GET /%D6")));
        reader.AdvanceTo(again.Buffer.Start, again.Buffer.End);

        await pipe.Writer.WriteAsync(Encoding.Latin1.GetBytes("\xB5 "));
        await pipe.Writer.CompleteAsync();
        var last = await reader.ReadAsync();
        Assert.That((last.IsCanceled, Text(last)), Is.EqualTo((false, "GET /%D6%B5 ")));
        reader.AdvanceTo(last.Buffer.End);
        var end = await reader.ReadAsync();
        Assert.That((end.IsCompleted, end.Buffer.Length), Is.EqualTo((true, 0L)));
        await reader.CompleteAsync();
    }

    private static byte[] ReadAll(byte[] stream)
    {
        var reader = new RawTargetReader(PipeReader.Create(new ReadOnlySequence<byte>(stream)));
        using var output = new MemoryStream();
        reader.AsStream().CopyTo(output);
        return output.ToArray();
    }

    private static string Text(ReadResult read) => Encoding.Latin1.GetString(read.Buffer);

    private static Gen<string> Often(string[] usual, string[] odd) =>
        Gen.Frequency((19, Gen.OneOf(usual)), (1, Gen.OneOf(odd)));

    // The same filter over a whole stream at once, by regular expressions.
    private static byte[] Model(byte[] stream)
    {
        var text = Encoding.Latin1.GetString(stream);
        var output = new StringBuilder();
        var at = 0;
        while (true)
        {
            var target = new Regex(@"\G[\r\n]*(?!CONNECT |PRI )[A-Z]{1,8} (?<target>[\x21-\xFF]*)").Match(text, at);
            if (target.Success)
            {
                var group = target.Groups["target"];
                output.Append(text, at, group.Index - at);
                foreach (var c in group.Value)
                    output.Append(c > 0x7F ? "%" + ((int)c).ToString("X2", CultureInfo.InvariantCulture) : c.ToString());
                at = group.Index + group.Length;
            }
            var head = new Regex(@"\G HTTP/1\.[01]\r\n(?<headers>([!#$%&'*+.^_`|~0-9A-Za-z-]*:[^\r\n]*\r\n)*)\r\n").Match(text, at);
            var headers = head.Groups["headers"].Value;
            var lengths = Regex.Matches(headers, @"^content-length:(.*)\r\n", RegexOptions.IgnoreCase | RegexOptions.Multiline);
            var isOdd = Regex.IsMatch(headers, @"^(transfer-encoding:|upgrade:|connection:.*u)", RegexOptions.IgnoreCase | RegexOptions.Multiline)
                || lengths.Count > 1 || lengths.Any(length => !Regex.IsMatch(length.Groups[1].Value, @"^[ \t]*[0-9]{1,18}[ \t]*$"));
            if (!target.Success || !head.Success || isOdd)
                return Encoding.Latin1.GetBytes(output.Append(text.AsSpan(at)).ToString());
            var bodyLength = lengths.Count == 0 ? 0 : long.Parse(lengths[0].Groups[1].Value, CultureInfo.InvariantCulture);
            var end = (int)Math.Min(at + head.Length + bodyLength, text.Length);
            output.Append(text, at, end - at);
            at = end;
        }
    }
}
