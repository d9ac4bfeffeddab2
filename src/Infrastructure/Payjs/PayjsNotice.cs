using System.Net;
using System.Security.Cryptography;
using System.Text;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>
/// Reads a notice. A signature alone proves nothing: the reply to an order, which every buyer sees, is signed too. So a notice must
/// have every field of a payment, and obey the rules of <see cref="PayjsFields"/>. Any other notice is taken for unsigned.
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
        if (PayjsFields.Read(fields, values) is { } unreadable) return unsigned with { Defect = unreadable };
        unsigned = unsigned with { OrderNumber = values.GetValueOrDefault("out_trade_no") };

        var signers = merchants.Where(m => PayjsSign.Verify(values, m.Key, values.GetValueOrDefault(PayjsSign.Field))).ToList();
        if (signers.Count == 0) return unsigned with { Defect = "the signature is wrong" };

        // A signature over anything less counts for as much as no signature: anybody can have one.
        if (PayjsFields.DefectOf(values, Required) is { } defect) return unsigned with { Defect = defect };
        if (values["return_code"] != "1") return unsigned with { Defect = "return_code is not 1" };
        signers = signers.FindAll(m => m.Id == values["mchid"]);
        if (signers.Count == 0) return unsigned with { Defect = "another merchant's signature" };
        if (PayjsReply.ParseFen(values["total_fee"]) is not { } fen) return unsigned with { Defect = "total_fee is no amount" };
        if (PayjsReply.ParseTime(values["time_end"]) is not { } paidAt) return unsigned with { Defect = "time_end is no time" };
        return unsigned with
        {
            Signed = true,
            Keys = signers,
            // The same fields in another order or spelling are the same message.
            ContentHash = HashOf("signed", PayjsSign.Canonical(values) + values[PayjsSign.Field]),
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
}
