namespace PayRecharge.Sandbox;

internal enum PayjsCall
{
    Native,
    Check,
    Close,
    Refund,
    Reverse,
    Info,
}

/// <summary>The gateway's calls, from parameters to reply. Refusal texts are our own: only 订单号错误 is known from PAYJS.</summary>
internal sealed class PayjsCalls(OrderBook orders, SandboxOptions options, TimeProvider clock)
{
    private static readonly TimeSpan Closable = TimeSpan.FromDays(30);
    private static readonly TimeSpan Reversible = TimeSpan.FromDays(7);

    /// <param name="call">The call.</param>
    /// <param name="fields">Its parameters.</param>
    /// <param name="address">The absolute base address of pages and pictures, for the links in replies.</param>
    public Reply Answer(PayjsCall call, RequestFields fields, string address)
    {
        var merchant = fields.Text("mchid");
        var namesMerchant = call is PayjsCall.Native or PayjsCall.Info;
        if (namesMerchant && merchant.Length == 0)
            return Reply.Refused("mchid 不能为空");
        if (merchant.Length > 0 && merchant != options.MerchantId)
            return Reply.Refused("商户号错误");
        if (!Signature.Holds(fields, options.MerchantKey))
            return Reply.Refused("签名错误");
        if (namesMerchant)
            return call == PayjsCall.Native ? Native(fields, address) : Info(address);
        if (fields.Text("payjs_order_id").Length == 0)
            return Reply.Refused("payjs_order_id 不能为空");
        if (orders.Find(fields.Text("payjs_order_id")) is not { } order)
            return Reply.Refused("订单号错误");

        var now = clock.GetUtcNow();
        return call switch
        {
            PayjsCall.Check => Check(order),
            PayjsCall.Close => Close(order, now),
            PayjsCall.Refund => Refund(order, now),
            _ => Reverse(order, now),
        };
    }

    private Reply Native(RequestFields fields, string address)
    {
        if (OrderTerms.Read(fields, clock.GetUtcNow(), out var refusal) is not { } terms)
            return Reply.Refused(refusal);
        if (!orders.TryOpen(options.MerchantId, terms, out var order))
            return Reply.Refused("out_trade_no 已存在");

        // PAYJS returns weixin://… here. Our own address can be opened and scanned without a WeChat account.
        var code = $"{address}/p/{order.Code}";
        return Reply.Accepted(
            ("code_url", code),
            ("out_trade_no", terms.OutTradeNo),
            ("payjs_order_id", order.Id),
            ("qrcode", $"{address}/qrcode/{QrCode.Name(code)}"),
            ("return_msg", "SUCCESS"),
            ("total_fee", fields.Values["total_fee"]));
    }

    private static Reply Check(Order order)
    {
        var payment = order.Payment;
        // A check that reports the payment counts as a notification.
        if (payment is not null)
            order.EndNotifying();

        var paid = payment is null ? 0 : 1;
        return Reply.Accepted(
            ("attach", order.Terms.Attach),
            ("bank", payment is null ? null : "OTHERS"),
            ("mchid", order.MerchantId),
            ("openid", payment?.OpenId ?? "0"),
            ("out_trade_no", order.Terms.OutTradeNo),
            ("paid", paid),
            ("paid_time", payment is null ? "0" : BeijingTime.Text(payment.At)),
            ("payjs_order_id", order.Id),
            ("status", paid),
            ("total_fee", order.Terms.TotalFee),
            ("transaction_id", payment?.TransactionId ?? "0"));
    }

    private static Reply Close(Order order, DateTimeOffset now)
    {
        if (now > order.Created + Closable)
            return Reply.Refused("订单已超过 30 天");

        return order.Close(now) switch
        {
            OrderState.Unpaid or OrderState.Expired => Done("关闭成功", order),
            OrderState.Closed => Reply.Refused("订单已关闭"),
            _ => Reply.Refused("订单已支付"),
        };
    }

    private static Reply Refund(Order order, DateTimeOffset now) => order.Refund(now) switch
    {
        OrderState.Paid => Done("退款成功", order)
            .With("out_trade_no", order.Terms.OutTradeNo)
            .With("transaction_id", order.Payment?.TransactionId),
        OrderState.Refunded => Done("退款成功", order).With("refund", "1").Unsigned(),
        _ => Reply.Refused("订单未支付"),
    };

    private static Reply Reverse(Order order, DateTimeOffset now)
    {
        if (now > order.Created + Reversible)
            return Reply.Refused("订单已超过 7 天");
        if (order.Close(now) == OrderState.Paid)
            order.Refund(now);
        return Done("撤销成功", order);
    }

    private static Reply Info(string address) => Reply.Accepted(
        ("doudou", 10_000),
        ("jsapi_path", $"{address}/"),
        ("name", "沙箱商户"),
        ("phone", "13800000000"),
        ("return_msg", "SUCCESS"));

    private static Reply Done(string message, Order order) =>
        Reply.Accepted(("payjs_order_id", order.Id), ("return_msg", message));
}
