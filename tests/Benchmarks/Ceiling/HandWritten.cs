using System.Buffers;
using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Benchmarks;

/// <summary>The calls with as few statements as their guarantees allow, all prepared; replies are written directly.</summary>
internal sealed partial class HandWritten(SessionPool sessions)
{
    private const string Columns = """
        o.Id, o.Uid, o.Purchase_Kind, o.Status, o.GatewayOrderId, o.Title, o.AmountFen, o.Purchase_CreditType,
        o.Purchase_Credits, o.Purchase_Seconds, k.Code, o.Attach, o.CreatedAt, o.PaidAt, c.Count
        """;

    private const string Count = "UPDATE OrderChecks SET Count = Count + 1 WHERE OrderId = (SELECT Id FROM Orders WHERE GatewayOrderId = @p0)";

    private const string SelectOrder =
        $"SELECT {Columns} FROM Orders o JOIN OrderChecks c ON c.OrderId = o.Id LEFT JOIN Kamis k ON k.OrderId = o.Id WHERE o.GatewayOrderId = @p0";

    // An outer join would need a sort. A user without paid orders would need a second statement; here every user has some.
    private const string SelectPaid = $"""
        SELECT {Columns}, a.Enabled, t.ExpiresAt FROM AccountTokens t JOIN UserAccounts a ON a.Uid = t.Uid
        JOIN Orders o ON o.Uid = t.Uid AND o.Status = 2 JOIN OrderChecks c ON c.OrderId = o.Id LEFT JOIN Kamis k ON k.OrderId = o.Id
        WHERE t.Hash = @p0 ORDER BY o.CreatedAt DESC, o.Id DESC
        """;

    private readonly string _begin = sessions.IsSqlite ? "BEGIN IMMEDIATE" : "BEGIN";

    /// <summary>Counts and reads in one transaction.</summary>
    public async Task CheckAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var id = Authorized(context)["payjs_order_id"].ToString();
        var order = await sessions.UseAsync(async session =>
        {
            await session.ExecuteAsync(_begin);
            await session.ExecuteAsync(Count, id);
            await using var reader = await session.ReadAsync(SelectOrder, id);
            var found = await ReadOrderAsync(reader);
            await reader.DisposeAsync();
            await session.ExecuteAsync("COMMIT");
            return found;
        });
        await WriteOrderAsync(context, order, started);
    }

    /// <summary>The same transaction as one command text.</summary>
    public async Task CheckInOneTripAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var id = Authorized(context)["payjs_order_id"].ToString();
        var order = await sessions.UseAsync(async session =>
        {
            await using var reader = await session.ReadTextAsync($"{_begin}; {Count}; {SelectOrder}; COMMIT", id);
            var found = await ReadOrderAsync(reader);
            // Only the commit's own result shows its error.
            while (await reader.NextResultAsync()) continue;
            return found;
        });
        await WriteOrderAsync(context, order, started);
    }

    /// <summary>A token's account and its paid orders, newest first, in one statement.</summary>
    public async Task ListAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var hash = AccountToken.HashOf(context.Request.Query["token"].ToString());
        var rows = new ArrayBufferWriter<byte>(8192);
        var count = await sessions.UseAsync(async session =>
        {
            await using var reader = await session.ReadAsync(SelectPaid, hash);
            using var json = new Utf8JsonWriter(rows);
            json.WriteStartArray();
            var read = 0;
            while (await reader.ReadAsync())
            {
                if (!reader.GetBoolean(15) || !reader.IsDBNull(16)) throw new InvalidOperationException("No such login.");
                json.WriteStartObject();
                json.WriteString("id", Text(reader.GetInt64(0)));
                WriteFields(json, Order.From(reader));
                json.WriteString("nums", Text(reader.GetInt64(14)));
                json.WriteEndObject();
                read++;
            }
            json.WriteEndArray();
            return read;
        });
        await CeilingServer.SendAsync(context, json => WriteEnvelope(json, count, started, () => json.WriteRawValue(rows.WrittenSpan, skipInputValidation: true)));
    }

    private static IQueryCollection Authorized(HttpContext context) => context.Request.Query["key"] == Site.TransportKey
        ? context.Request.Query : throw new InvalidOperationException("The key is wrong.");

    private static async Task<Order> ReadOrderAsync(DbDataReader reader) =>
        await reader.ReadAsync() ? Order.From(reader) : throw new InvalidOperationException("No such order.");

    private static Task WriteOrderAsync(HttpContext context, Order order, long started) =>
        CeilingServer.SendAsync(context, json => WriteEnvelope(json, 14, started, () =>
        {
            json.WriteStartObject();
            WriteFields(json, order);
            json.WriteNumber("nums", order.Checks);
            json.WriteEndObject();
        }));

    private static void WriteEnvelope(Utf8JsonWriter json, int count, long started, Action writeData)
    {
        json.WriteStartObject();
        json.WriteNumber("code", 200);
        json.WriteString("result", "OK");
        json.WriteNumber("count", count);
        json.WritePropertyName("data");
        writeData();
        json.WriteString("sqltime", string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds:0.#####}s"));
        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, Order order)
    {
        json.WriteString("uid", Text(order.Uid));
        json.WriteString("pay_type", Text(order.Kind));
        json.WriteString("status", order.IsPaid ? "2" : "1");
        json.WriteString("payjs_order_id", order.GatewayId);
        json.WriteString("body", order.Title);
        json.WriteString("price", Fen.ToYuan(order.Fen));
        json.WriteString("creditskey", Text(order.CreditType));
        json.WriteString("creditsval", Text(order.Kind == 1 ? order.Credits : 0));
        json.WriteString("signtime", Text(order.Kind == 2 ? order.Seconds : 0));
        json.WriteString("kami", order.IsPaid ? order.Code : "");
        json.WriteString("attach", order.Attach);
        json.WriteString("submitdate", Text(order.CreatedAt / 1000));
        json.WriteString("time_end", Text(order.IsPaid ? order.PaidAt / 1000 : 0));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private readonly record struct Order(
        long Uid, int Kind, bool IsPaid, string GatewayId, string Title, long Fen, int CreditType, long Credits, long Seconds, string Code, string Attach,
        long CreatedAt, long PaidAt, long Checks)
    {
        public static Order From(DbDataReader row) => new(
            row.GetInt64(1), row.GetInt32(2), row.GetInt32(3) == 2, row.GetString(4), row.GetString(5), row.GetInt64(6), row.GetInt32(7), row.GetInt64(8),
            row.GetInt64(9), row.IsDBNull(10) ? "" : row.GetString(10), row.GetString(11), row.GetInt64(12), row.IsDBNull(13) ? 0 : row.GetInt64(13), row.GetInt64(14));
    }
}
