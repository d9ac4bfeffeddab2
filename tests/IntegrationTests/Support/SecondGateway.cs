using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>A second gateway with its own rules: its notices are JSON after an HMAC signature.</summary>
internal sealed class SecondGateway : IPaymentGateway
{
    /// <summary>The ids of the next orders; without one, an order gets a random id.</summary>
    public ConcurrentQueue<string> Ids { get; } = new();

    /// <summary>The paid orders by their ids.</summary>
    public ConcurrentDictionary<string, Order> Paid { get; } = new();

    /// <summary>The ids that it was queried for.</summary>
    public ConcurrentQueue<string> Questions { get; } = new();

    public string Code => "second";

    public GatewayMode Mode => GatewayMode.Live;

    public Merchant? SandboxMerchant => null;

    public CheckSchedule Schedule { get; } = new([TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1)]);

    public int ChecksPerSecond { get; init; }

    public string? NotifyUrl(string? baseAddress) => baseAddress is null ? null : $"{baseAddress}/{Code}/notify";

    public Task<PlacementOutcome> PlaceAsync(Order order, Merchant merchant, string notifyUrl, CancellationToken cancellationToken) =>
        Task.FromResult<PlacementOutcome>(new PaymentCode(
            Code, "second://pay", "https://second.example/qr", order.Number, Ids.TryDequeue(out var id) ? id : RandomNumberGenerator.GetHexString(20), order.AmountFen, "",
            new Dictionary<string, string>()));

    public Task<GatewayMessage> CheckAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken)
    {
        Questions.Enqueue(gatewayOrderId);
        var raw = RawMessage.Of("check " + gatewayOrderId);
        var unpaid = new GatewayMessage(Code, HashOf(raw), Signed: true, null, raw, "not paid", null) { Keys = keys };
        return Task.FromResult(Paid.TryGetValue(gatewayOrderId, out var order)
            ? unpaid with { OrderNumber = order.Number, Defect = null, Payment = new ReportedPayment(Code, keys[0].Id, Mode, order.Number, gatewayOrderId, order.AmountFen, "s" + order.Number, order.CreatedAt) }
            : unpaid);
    }

    public Task<bool> CloseAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken) => Task.FromResult(!Paid.ContainsKey(gatewayOrderId));

    public Task<RefundReply> RefundAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken) => Task.FromResult(new RefundReply(true, "done"));

    public Task<string> ReadMerchantNameAsync(Merchant merchant, CancellationToken cancellationToken) => Task.FromResult("Second " + merchant.Id);

    public GatewayMessage ReadNotice(RawMessage notice, IReadOnlyList<Merchant> merchants)
    {
        var unsigned = new GatewayMessage(Code, HashOf(notice), Signed: false, null, notice, "the signature is wrong", null);
        var (sign, body) = notice.Text.Split('\n', 2) is [var first, var second] ? (first, second) : ("", "");
        var keys = merchants.Where(m => SignOf(body, m.Key) == sign).ToList();
        if (keys.Count == 0 || notice.ContentType != "application/json") return unsigned;
        var payment = JsonSerializer.Deserialize<Report>(body)!;
        return unsigned with
        {
            Signed = true,
            Keys = keys,
            OrderNumber = payment.Number,
            Defect = null,
            Payment = new ReportedPayment(Code, payment.Merchant, Mode, payment.Number, payment.Id, payment.Fen, payment.Transaction, DateTimeOffset.UnixEpoch),
        };
    }

    /// <summary>A notice as the gateway sends it.</summary>
    public static HttpContent Notice(string merchant, string key, string number, string id, long fen)
    {
        var body = JsonSerializer.Serialize(new Report(merchant, number, id, fen, "s" + number));
        return new StringContent(SignOf(body, key) + "\n" + body) { Headers = { ContentType = new("application/json") } };
    }

    private static string SignOf(string body, string key) => Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(body)));

    private static string HashOf(RawMessage raw) => Convert.ToHexString(SHA256.HashData(raw.Body));

    private sealed record Report(string Merchant, string Number, string Id, long Fen, string Transaction);
}
