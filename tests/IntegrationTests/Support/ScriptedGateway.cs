using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PayRecharge.Infrastructure.Payjs;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>A gateway on a real socket with answers from the test; it signs replies and notices with the merchant's key.</summary>
internal sealed class ScriptedGateway : IAsyncDisposable
{
    public const string Merchant = "1500000001";
    public const string Key = "ScriptedKey00001";

    private readonly WebApplication _app;
    private int _orders;

    private ScriptedGateway(WebApplication app)
    {
        _app = app;
        Answer = (call, form) => call == "native"
            ? Task.FromResult(Reply(form, "20210506215107006570" + Interlocked.Increment(ref _orders).ToString("00000", null)))
            : throw new InvalidOperationException($"unexpected call {call}");
    }

    /// <summary>The calls' base address.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The order calls received: the call's name and its fields.</summary>
    public ConcurrentQueue<(string Call, Dictionary<string, string> Form)> Requests { get; } = new();

    /// <summary>All other calls received; the server sends queries at times of its own.</summary>
    public ConcurrentQueue<string> Questions { get; } = new();

    /// <summary>Answers a call with JSON text. By default it accepts an order and throws for any other call.</summary>
    public Func<string, Dictionary<string, string>, Task<string>> Answer { get; set; }

    /// <summary>Thrown by an answer: the gateway closes the connection without a reply.</summary>
    internal sealed class HangUpException : Exception;

    public static async Task<ScriptedGateway> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var gateway = new ScriptedGateway(builder.Build());
        gateway._app.MapPost("/api/{call}", async (string call, HttpContext context) =>
        {
            var form = (await context.Request.ReadFormAsync()).ToDictionary(f => f.Key, f => f.Value.ToString());
            if (call == "native") gateway.Requests.Enqueue((call, form));
            else gateway.Questions.Enqueue(call);
            try
            {
                var answer = await gateway.Answer(call, form);
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync(answer);
            }
            catch (HangUpException)
            {
                context.Abort();
            }
        });
        await gateway._app.StartAsync();
        gateway.Address = new Uri(gateway._app.Urls.First() + "/api");
        return gateway;
    }

    /// <summary>The signed reply that accepts an order.</summary>
    public static string Reply(Dictionary<string, string> form, string gatewayOrderId, string codeUrl = "weixin://wxpay/bizpayurl?pr=yZ1bIGrzz", string key = Key)
    {
        var reply = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["code_url"] = codeUrl,
            ["out_trade_no"] = form["out_trade_no"],
            ["payjs_order_id"] = gatewayOrderId,
            ["qrcode"] = "https://payjs.cn/qrcode/" + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(codeUrl)),
            ["return_code"] = "1",
            ["return_msg"] = "SUCCESS",
            ["total_fee"] = form["total_fee"],
        };
        return Signed(reply, key);
    }

    /// <summary>Members as signed JSON; return_code and status are numbers.</summary>
    public static string Signed(IEnumerable<KeyValuePair<string, string>> members, string key = Key)
    {
        var json = new JsonObject();
        foreach (var (name, value) in members) json[name] = name is "return_code" or "status" ? int.Parse(value, null) : value;
        json["sign"] = PayjsSign.Of(members, key);
        return json.ToJsonString();
    }

    /// <summary>The signed notice of a payment.</summary>
    public static Dictionary<string, string> Notice(
        string number, string gatewayOrderId, long fen, string key = Key, string merchant = Merchant, string? attach = null)
    {
        var notice = new Dictionary<string, string>
        {
            ["mchid"] = merchant,
            ["openid"] = "oLw30sScripted00000000000001",
            ["out_trade_no"] = number,
            ["payjs_order_id"] = gatewayOrderId,
            ["return_code"] = "1",
            ["time_end"] = "2021-05-07 18:27:39",
            ["total_fee"] = fen.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["transaction_id"] = "4200000000202105070000000001",
        };
        if (attach is not null) notice["attach"] = attach;
        return Sign(notice, key);
    }

    /// <summary>The signed answer to a query of a one-yuan order: paid if its number is given.</summary>
    public static string CheckReply(string gatewayOrderId, string? paidNumber) => Signed(new Dictionary<string, string>
    {
        ["mchid"] = Merchant,
        ["out_trade_no"] = paidNumber ?? "0",
        ["paid_time"] = paidNumber is null ? "0" : "2021-05-07 18:27:39",
        ["payjs_order_id"] = gatewayOrderId,
        ["return_code"] = "1",
        ["status"] = paidNumber is null ? "0" : "1",
        ["total_fee"] = "100",
        ["transaction_id"] = paidNumber is null ? "0" : "4200000000202105070000000001",
    });

    /// <summary>Signs fields; replaces an existing signature.</summary>
    public static Dictionary<string, string> Sign(Dictionary<string, string> fields, string key = Key)
    {
        fields["sign"] = PayjsSign.Of(fields, key);
        return fields;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
