using System.Text.Json;
using System.Text.Json.Serialization;

namespace PayRecharge.Sandbox;

/// <summary>The JSON view of an order for tests and shop developers, with the gateway's field names.</summary>
internal sealed record OrderView(
    string PayjsOrderId, string OutTradeNo, long TotalFee, string? Body, string? Attach, string? Type, Uri? NotifyUrl,
    OrderState State, DateTimeOffset Created, DateTimeOffset? PaidAt, NotifyAttempt[] Attempts)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static OrderView Of(Order order, DateTimeOffset now) => new(
        order.Id, order.Terms.OutTradeNo, order.Terms.TotalFee, order.Terms.Body, order.Terms.Attach, order.Terms.Type,
        order.Terms.NotifyUrl, order.StateAt(now), order.Created, order.Payment?.At, order.Attempts);
}
