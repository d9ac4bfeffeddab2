using System.Data.Common;
using PayRecharge.Application.Orders;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>The buyer's view of an order, for hand-written statements.</summary>
internal static class OrderRow
{
    /// <summary>The columns of the order (o), its optional kami (k), and its checks (c).</summary>
    public static string Columns(ClientGateway clients) => $"""
        o.Id, o.Uid, o.Purchase_Kind, o.Status, CASE o.Gateway WHEN '{clients.Code}' THEN o.GatewayOrderId ELSE o.Number END, o.Title, o.AmountFen, o.Purchase_CreditType, o.Purchase_Credits,
        o.Purchase_Seconds, k.Code, o.Attach, o.CreatedAt, o.PaidAt, c.Count
        """;

    /// <summary>The index of a statement's own first column.</summary>
    public const int Width = 15;

    /// <summary>Reads a row that begins with <see cref="Columns(ClientGateway)"/>.</summary>
    public static OrderView Read(DbDataReader reader)
    {
        var kind = (PurchaseKind)reader.GetInt32(2);
        var fulfilled = (OrderStatus)reader.GetInt32(3) == OrderStatus.Fulfilled;
        return new OrderView
        {
            Id = reader.GetInt64(0),
            Uid = reader.GetInt64(1),
            Kind = kind,
            IsFulfilled = fulfilled,
            ClientId = reader.GetString(4),
            Title = reader.GetString(5),
            AmountFen = reader.GetInt64(6),
            CreditType = reader.GetInt32(7),
            Credits = kind == PurchaseKind.Credits ? reader.GetInt64(8) : 0,
            Seconds = kind == PurchaseKind.CardTime ? reader.GetInt64(9) : 0,
            KamiCode = fulfilled && !reader.IsDBNull(10) ? reader.GetString(10) : null,
            Attach = reader.GetString(11),
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(12)),
            PaidAt = fulfilled && !reader.IsDBNull(13) ? DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(13)) : null,
            Checks = reader.GetInt64(14),
        };
    }
}
