using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using PayRecharge.Sandbox;

namespace PayRecharge.Benchmarks;

/// <summary>The calls that write payments or orders.</summary>
internal sealed partial class HandWritten
{
    private const string InsertLedger = """
        INSERT INTO LedgerEntries (Uid, `Key`, Kind, Delta, `Before`, `After`, `At`) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6)
        """;

    private const string InsertNotification = """
        INSERT INTO Notifications (Source, ContentHash, Signed, OrderNumber, Content, RemoteAddress, AmountFen, PaidAt, ReceivedAt)
        VALUES (1, @p0, 1, @p1, @p2, '127.0.0.1', @p3, @p4, @p5)
        """;

    private const string InsertOrder = """
        INSERT INTO Orders (Number, MerchantId, Mode, Uid, AmountFen, Title, Attach, Channel, Status, CreatedAt, PaidLate,
            Purchase_Kind, Purchase_CreditType, Purchase_Credits, Purchase_TradeCredits, Purchase_Seconds, Purchase_Devices, Purchase_CardRuleId)
        VALUES (@p0, @p1, 0, @p2, 100, @p3, 'benchmark', 0, 1, @p4, 0, 1, 1, 10, 0, 0, 0, 0)
        """;

    private readonly string _lock = sessions.IsSqlite ? "" : " FOR UPDATE";
    private long _inserted = Now * 1000;

    /// <summary>A signed payment notice: one transaction marks the order paid, credits the account, and writes ledger and notice.</summary>
    public async Task NotifyAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body, Encoding.UTF8);
        var content = await body.ReadToEndAsync();
        var fields = content.Split('&').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => WebUtility.UrlDecode(pair[1]));
        if (!IsSigned(fields)) throw new InvalidOperationException("The signature is wrong.");
        await sessions.UseAsync(async session =>
        {
            await session.ExecuteAsync(_begin);
            await SettleAsync(session, fields, content);
            return await session.ExecuteAsync("COMMIT");
        });
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = 7;
        await context.Response.WriteAsync("success");
    }

    /// <summary>One row in its own commit: the minimum cost of taking an order.</summary>
    public async Task InsertAsync(HttpContext context)
    {
        var uid = long.Parse(Authorized(context)["username"].ToString().AsSpan("user".Length), CultureInfo.InvariantCulture);
        var number = string.Create(CultureInfo.InvariantCulture, $"1998{Interlocked.Increment(ref _inserted):0000000000000000}");
        await sessions.UseAsync(session => session.ExecuteAsync(InsertOrder, number, SandboxGateway.MerchantId, uid, "充值", Now));
        await CeilingServer.SendAsync(context, json => json.WriteNumberValue(200));
    }

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task SettleAsync(Session session, Dictionary<string, string> fields, string content)
    {
        var now = Now;
        var paidAt = new DateTimeOffset(DateTime.ParseExact(fields["time_end"], "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), TimeSpan.FromHours(8)).ToUnixTimeMilliseconds();
        long order, uid, fen, credits;
        await using (var row = await FirstAsync(session.ReadAsync(
            "SELECT Id, Uid, AmountFen, Purchase_Credits, MerchantId, GatewayOrderId FROM Orders WHERE Number = @p0" + _lock, fields["out_trade_no"])))
        {
            (order, uid, fen, credits) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
            if (row.GetString(4) != fields["mchid"] || row.GetString(5) != fields["payjs_order_id"] || fen != long.Parse(fields["total_fee"], CultureInfo.InvariantCulture))
                throw new InvalidOperationException("The notice does not fit its order.");
        }
        if (await session.ExecuteAsync("UPDATE Orders SET Status = 2, TransactionId = @p0, PaidAt = @p1, FulfilledAt = @p2 WHERE Id = @p3 AND Status = 1",
            fields["transaction_id"], paidAt, now, order) != 1) throw new InvalidOperationException("The order is paid.");
        long before;
        await using (var row = await FirstAsync(session.ReadAsync("SELECT Credits1 FROM UserAccounts WHERE Uid = @p0" + _lock, uid))) before = row.GetInt64(0);
        await session.ExecuteAsync("UPDATE UserAccounts SET Credits1 = @p0 WHERE Uid = @p1", before + credits, uid);
        await session.ExecuteAsync(InsertLedger, uid, string.Create(CultureInfo.InvariantCulture, $"order:{order}"), 1, credits, before, before + credits, now);
        await session.ExecuteAsync(InsertNotification,
            Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(content))), fields["out_trade_no"], content, fen, paidAt, now);
    }

    private static async Task<DbDataReader> FirstAsync(Task<DbDataReader> reading)
    {
        var reader = await reading;
        return await reader.ReadAsync() ? reader : throw new InvalidOperationException("No such row.");
    }

    [SuppressMessage("Security", "CA5351", Justification = "The gateway's protocol prescribes MD5.")]
    private static bool IsSigned(Dictionary<string, string> fields)
    {
        var signed = fields.Where(f => f.Key != "sign" && f.Value.Length > 0).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value}");
        var sign = MD5.HashData(Encoding.UTF8.GetBytes($"{string.Join('&', signed)}&key={SandboxGateway.MerchantKey}"));
        return CryptographicOperations.FixedTimeEquals(sign, Convert.FromHexString(fields["sign"]));
    }
}
