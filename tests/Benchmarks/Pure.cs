using System.Buffers;
using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Microsoft.AspNetCore.Http;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Orders;
using PayRecharge.Infrastructure.Payjs;
using PayRecharge.WebApi.Http;
using PayRecharge.WebApi.Legacy;
using Perfolizer.Horology;

namespace PayRecharge.Benchmarks;

/// <summary>What one of the pure parts takes: nanoseconds and bytes a call.</summary>
internal sealed record PureFigure(string Name, double Nanoseconds, long Bytes);

/// <summary>The parts that touch neither network nor database. Public, because BenchmarkDotNet derives from it.</summary>
public class Pure
{
    private const string Key = "sandbox-key";

    private static readonly byte[] RequestBytes =
        [.. "GET /plugin.php?id=xinxiu_network_plugin:payjs&key=123456&action=payjs_check&payjs_order_id=1999010100100000000204000 HTTP/1.1\r\nHost: pay.example.com\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\nConnection: Keep-Alive\r\n\r\n"u8];

    private readonly Dictionary<string, string> _fields = new()
    {
        ["attach"] = "benchmark",
        ["mchid"] = "1600000001",
        ["openid"] = "oBenchmark0000000000000000",
        ["out_trade_no"] = "19990101100000204000",
        ["payjs_order_id"] = "1999010100100000000204000",
        ["return_code"] = "1",
        ["time_end"] = "2026-01-01 00:00:00",
        ["total_fee"] = "100",
        ["transaction_id"] = "4200000000100000000204000",
        ["sign"] = "0123456789ABCDEF0123456789ABCDEF",
    };

    private readonly OrderView _order = new()
    {
        Id = 204000,
        Uid = 4711,
        Kind = PurchaseKind.Kami,
        IsFulfilled = true,
        ClientId = "1999010100100000000204000",
        Title = "充值",
        AmountFen = 1250,
        KamiCode = "16B085999F08E8404C48AF642C1CA8FF",
        Attach = "benchmark",
        CreatedAt = DateTimeOffset.UnixEpoch.AddYears(56),
        PaidAt = DateTimeOffset.UnixEpoch.AddYears(56),
        Checks = 4,
    };

    private readonly string _yuan = "12.5";
    private readonly ArrayBufferWriter<byte> _output = new(4096);
    private readonly DefaultHttpContext _context = new();
    private readonly RawTargetReader _reader = new(new Repeating(RequestBytes));

    public Pure()
    {
        _context.Request.Method = HttpMethods.Get;
        _context.Request.QueryString = new QueryString("?id=xinxiu_network_plugin:payjs&key=123456&action=payjs_check&payjs_order_id=1999010100100000000204000");
    }

    /// <summary>Runs them, a few seconds each.</summary>
    internal static List<PureFigure> Run()
    {
        // In this process: the usual way builds a project of its own, outside of this one's pinned packages.
        var job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(5).WithIterationCount(7).WithIterationTime(TimeInterval.FromMilliseconds(150));
        var folder = Directory.CreateTempSubdirectory("payrecharge-pure-").FullName;
        var config = ManualConfig.CreateEmpty().AddJob(job).AddDiagnoser(MemoryDiagnoser.Default).AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(NullLogger.Instance).WithArtifactsPath(folder);
        try
        {
            return [.. BenchmarkRunner.Run<Pure>(config).Reports.Select(r => new PureFigure(
                r.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\''),
                r.ResultStatistics?.Mean ?? throw new InvalidOperationException($"{r.BenchmarkCase.DisplayInfo} did not run."),
                r.GcStats.GetBytesAllocatedPerOperation(r.BenchmarkCase) ?? 0))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Benchmark(Description = "signature of a notice")]
    public string Sign() => PayjsSign.Of(_fields, Key);

    [Benchmark(Description = "order reply as JSON")]
    public int Json() => Write(new LegacyJson(_output));

    [Benchmark(Description = "order reply as XML")]
    public int Xml() => Write(new LegacyXml(_output));

    [Benchmark(Description = "amount from text")]
    public long Parse() => Fen.TryParseYuan(_yuan, out var fen) ? fen : throw new InvalidOperationException();

    [Benchmark(Description = "amount to text")]
    public string Print() => Fen.ToYuan(_order.AmountFen);

    [Benchmark(Description = "parameters of a request")]
    public async Task<object> ReadAsync() => await RequestReader.ReadAsync(_context.Request, ClientCharset.Auto, CancellationToken.None);

    [Benchmark(Description = RawTargets)]
    public async Task FilterAsync()
    {
        var read = await _reader.ReadAsync();
        _reader.AdvanceTo(read.Buffer.End);
        _reader.ExpectLine();
    }

    internal const string RawTargets = "filter in front of the HTTP parser";

    private int Write(LegacyWriter writer)
    {
        _output.ResetWrittenCount();
        var written = LegacyReplies.Order(_order)(writer, () => ValueTask.CompletedTask);
        if (!written.IsCompletedSuccessfully) throw new InvalidOperationException("An order is written without a wait.");
        writer.Close(TimeSpan.FromMicroseconds(1234));
        return _output.WrittenCount;
    }

    /// <summary>A connection on which the same request comes again and again, each time whole.</summary>
    private sealed class Repeating(byte[] request) : PipeReader
    {
        private readonly ReadOnlySequence<byte> _request = new(request);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => new(new ReadResult(_request, isCanceled: false, isCompleted: false));

        public override bool TryRead(out ReadResult result)
        {
            result = new ReadResult(_request, isCanceled: false, isCompleted: false);
            return true;
        }

        public override void AdvanceTo(SequencePosition consumed) { }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) { }

        public override void CancelPendingRead() { }

        public override void Complete(Exception? exception = null) { }
    }
}
