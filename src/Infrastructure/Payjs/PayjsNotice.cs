using System.Net;
using System.Security.Cryptography;
using System.Text;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>
/// Reads a notice. A signature alone proves nothing: the reply to an order, which every buyer sees, is signed too, and since values
/// are joined raw, one that a buyer wrote can be read as several fields. So a notice must have every field of a payment, each once,
/// and only the buyer's own text may hold the sign that joins fields.
/// </summary>
internal static class PayjsNotice
{
    private static readonly string[] Required =
        ["mchid", "out_trade_no", "payjs_order_id", "total_fee", "transaction_id", "time_end", "openid", "return_code"];

    public static GatewayMessage Read(
        IReadOnlyList<KeyValuePair<string, string>>? fields, string content, IReadOnlyList<Merchant> merchants, GatewayMode mode)
    {
        var unsigned = new GatewayMessage(HashOf("unsigned", content), Signed: false, null, content, "no form", null);
        if (fields is null) return unsigned;

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in fields)
        {
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) return unsigned with { Defect = "a field's name is odd" };
            if (!values.TryAdd(name, value)) return unsigned with { Defect = $"{name} is doubled" };
        }
        unsigned = unsigned with { OrderNumber = values.GetValueOrDefault("out_trade_no") };

        var signers = merchants.Where(m => PayjsSign.Verify(values, m.Key, values.GetValueOrDefault(PayjsSign.Field))).ToList();
        if (signers.Count == 0) return unsigned with { Defect = "the signature is wrong" };

        // The same fields in another order or spelling are the same message.
        var message = unsigned with { Signed = true, ContentHash = HashOf("signed", PayjsSign.Canonical(values) + values[PayjsSign.Field]) };
        if (DefectOf(values) is { } defect) return message with { Defect = defect };
        if (!signers.Any(m => m.Id == values["mchid"])) return message with { Defect = "another merchant's signature" };
        if (PayjsReply.ParseFen(values["total_fee"]) is not { } fen) return message with { Defect = "total_fee is no amount" };
        if (PayjsReply.ParseTime(values["time_end"]) is not { } paidAt) return message with { Defect = "time_end is no time" };
        return message with
        {
            Defect = null,
            Payment = new ReportedPayment(
                values["mchid"], mode, values["out_trade_no"], values["payjs_order_id"], fen, values["transaction_id"], paidAt),
        };
    }

    /// <summary>The fields of a form that was kept as text.</summary>
    public static List<KeyValuePair<string, string>> FieldsOf(string content) =>
        [.. content.Split('&').Select(pair => pair.Split('=', 2)).Select(pair =>
            KeyValuePair.Create(WebUtility.UrlDecode(pair[0]), pair.Length == 2 ? WebUtility.UrlDecode(pair[1]) : ""))];

    public static string HashOf(string kind, string content) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}\n{content}")));

    private static string? DefectOf(Dictionary<string, string> values)
    {
        if (Array.Find(Required, name => values.GetValueOrDefault(name, "").Length == 0) is { } missing) return $"{missing} is missing";
        if (values.FirstOrDefault(f => f.Key != "attach" && f.Value.Contains('&', StringComparison.Ordinal)) is { Key: { } joined }) return $"{joined} holds several fields";
        if (values["payjs_order_id"].Length > 32 || values["transaction_id"].Length > 64) return "an id is too long";
        return values["return_code"] == "1" ? null : "return_code is not 1";
    }
}
