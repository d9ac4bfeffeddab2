using System.Globalization;

namespace PayRecharge.Sandbox;

/// <summary>The form of a payment notice: fields in ordinal order, the signature last, absent fields omitted.</summary>
internal static class NotifyMessage
{
    public static List<KeyValuePair<string, string>> Genuine(Order order, Payment payment, string key) =>
        Signed(Fields(order, payment, order.Terms.TotalFee), key);

    public static List<KeyValuePair<string, string>> Forged(Order order, Payment payment, string key, Forgery forgery)
    {
        var altered = Fields(order, payment, order.Terms.TotalFee + 1);
        switch (forgery)
        {
            case Forgery.WrongSign:
                return Genuine(order, payment, $"not {key}");
            case Forgery.WrongAmount:
                altered.Add(Genuine(order, payment, key)[^1]);
                return altered;
            default:
                return altered;
        }
    }

    private static List<KeyValuePair<string, string>> Signed(List<KeyValuePair<string, string>> fields, string key)
    {
        fields.Add(new(Signature.Member, Signature.Of(fields, key)));
        return fields;
    }

    private static List<KeyValuePair<string, string>> Fields(Order order, Payment payment, long totalFee)
    {
        var fields = new List<KeyValuePair<string, string>>
        {
            new("mchid", order.MerchantId),
            new("openid", payment.OpenId),
            new("out_trade_no", order.Terms.OutTradeNo),
            new("payjs_order_id", order.Id),
            new("return_code", "1"),
            new("time_end", BeijingTime.Text(payment.At)),
            new("total_fee", totalFee.ToString(CultureInfo.InvariantCulture)),
            new("transaction_id", payment.TransactionId),
        };
        if (order.Terms.Attach is { } attach)
            fields.Insert(0, new("attach", attach));
        if (order.Terms.Type is { } type)
            fields.Add(new("type", type));
        return fields;
    }
}
