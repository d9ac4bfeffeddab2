using System.Net;
using System.Security.Cryptography;
using System.Text;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>
/// Reads a notice. A signature alone proves nothing: the reply to an order, which every buyer sees, is signed too. So a notice must
/// have every field of a payment, and follow the rules of <see cref="PayjsFields"/>. Any other notice counts as unsigned.
/// </summary>
internal static class PayjsNotice
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly string[] Required =
        ["mchid", "out_trade_no", "payjs_order_id", "total_fee", "transaction_id", "time_end", "openid", "return_code"];

    public static GatewayMessage Read(RawMessage notice, IReadOnlyList<Merchant> merchants, GatewayMode mode)
    {
        var unsigned = new GatewayMessage(PayjsGateway.Name, HashOf("unsigned", notice.Text), Signed: false, null, notice, "no form", null);
        if (FieldsOf(notice) is not { } fields) return unsigned;

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (PayjsFields.Read(fields, values) is { } unreadable) return unsigned with { Defect = unreadable };
        unsigned = unsigned with { OrderNumber = values.GetValueOrDefault("out_trade_no") };

        var signers = merchants.Where(m => PayjsSign.Verify(values, m.Key, values.GetValueOrDefault(PayjsSign.Field))).ToList();
        if (signers.Count == 0) return unsigned with { Defect = "the signature is wrong" };

        // A signature over fewer fields proves nothing: anyone can get one.
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
            // The same fields in another order or encoding are the same message.
            ContentHash = HashOf("signed", PayjsSign.Canonical(values) + values[PayjsSign.Field]),
            Defect = null,
            Payment = new ReportedPayment(
                PayjsGateway.Name, values["mchid"], mode, values["out_trade_no"], values["payjs_order_id"], fen, values["transaction_id"], paidAt),
        };
    }

    public static string HashOf(string kind, string content) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}\n{content}")));

    // All fields with duplicates. Null if it is not a form, or not UTF-8.
    private static List<KeyValuePair<string, string>>? FieldsOf(RawMessage notice)
    {
        if (notice.ContentType?.Split(';')[0].Trim().Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true) return null;
        ReadOnlySpan<byte> body = notice.Body;
        var fields = new List<KeyValuePair<string, string>>();
        try
        {
            foreach (var range in body.Split((byte)'&'))
            {
                var pair = body[range];
                if (pair.IsEmpty) continue;
                var equals = pair.IndexOf((byte)'=');
                fields.Add(equals < 0 ? new(Decode(pair), "") : new(Decode(pair[..equals]), Decode(pair[(equals + 1)..])));
            }
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        return fields;
    }

    private static string Decode(ReadOnlySpan<byte> encoded) =>
        StrictUtf8.GetString(encoded.ContainsAny((byte)'%', (byte)'+') ? WebUtility.UrlDecodeToBytes(encoded.ToArray(), 0, encoded.Length)! : encoded);
}
