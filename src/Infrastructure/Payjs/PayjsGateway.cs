using System.Globalization;
using Microsoft.Extensions.Options;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;
using Polly;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>The gateway over PAYJS's protocol. The sandbox speaks the same.</summary>
internal sealed class PayjsGateway(IPayjsApi api, IOptions<PayjsOptions> options) : IPaymentGateway
{
    // An openid is not among them: PAYJS does not promise it here.
    private static readonly string[] FieldsOfPaid = ["mchid", "out_trade_no", "payjs_order_id", "total_fee", "transaction_id", "paid_time"];

    public GatewayMode Mode => options.Value.Mode;

    public bool IsReady(RechargeSettings settings) =>
        settings is { GatewayEnabled: true, Merchant: not null } && NotifyUrl(settings) is not null;

    public async Task<PlacementOutcome> PlaceAsync(Order order, Merchant merchant, RechargeSettings settings, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(api.NativeAsync, merchant, new()
        {
            ["mchid"] = merchant.Id,
            ["total_fee"] = order.AmountFen.ToString(CultureInfo.InvariantCulture),
            ["out_trade_no"] = order.Number,
            ["body"] = order.Title,
            ["attach"] = order.Attach,
            ["notify_url"] = NotifyUrl(settings) ?? "",
            ["type"] = order.Channel == PaymentChannel.Alipay ? "alipay" : "",
        }, cancellationToken);
        if (!reply.Accepted) return new GatewayRefusal(reply.Message);

        reply.SignedBy([merchant], required: ["code_url", "payjs_order_id", "qrcode"]);
        if (reply["out_trade_no"] != order.Number || reply.TotalFee != order.AmountFen)
            throw new RefusedException(Refusal.GatewayFailed, "the reply is about another order or amount");
        return new PaymentCode(
            reply["code_url"]!, order.Number, reply["payjs_order_id"]!, reply["qrcode"]!, reply.Message, order.AmountFen, reply[PayjsSign.Field]!);
    }

    public async Task<GatewayMessage> CheckAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(api.CheckAsync, keys, gatewayOrderId, cancellationToken);
        if (!reply.Accepted) throw new RefusedException(Refusal.GatewayFailed, $"check refused: {reply.Message}");
        var paid = reply["status"] == "1";
        reply.SignedBy(keys, required: paid ? FieldsOfPaid : ["out_trade_no"]);
        if (reply["payjs_order_id"] != gatewayOrderId) throw OfAnotherOrder();

        var content = PayjsSign.Canonical(reply.Fields);
        var number = reply["out_trade_no"]!;
        var message = new GatewayMessage(PayjsNotice.HashOf("check", content), Signed: true, number, content, "not paid", null)
        {
            Keys = [.. keys.Where(reply.IsSignedBy)],
        };
        if (!paid) return message;
        return message with
        {
            Defect = null,
            Payment = new ReportedPayment(
                reply["mchid"]!, Mode, number, gatewayOrderId,
                reply.TotalFee ?? throw new RefusedException(Refusal.GatewayFailed, "the reply has no amount"),
                // What PAYJS does not know it writes as 0.
                reply["transaction_id"] is { } transaction and not "0" ? transaction : "",
                PayjsReply.ParseTime(reply["paid_time"]) ?? throw new RefusedException(Refusal.GatewayFailed, "the reply has no time of payment")),
        };
    }

    public async Task<bool> CloseAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(api.CloseAsync, keys, gatewayOrderId, cancellationToken);
        if (reply.Accepted && reply.SignedBy(keys, required: [])["payjs_order_id"] != gatewayOrderId) throw OfAnotherOrder();
        return reply.Accepted;
    }

    public async Task<RefundReply> RefundAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(api.RefundAsync, keys, gatewayOrderId, cancellationToken);
        if (!reply.Accepted) return new RefundReply(false, reply.Message);
        if (reply["payjs_order_id"] != gatewayOrderId) throw OfAnotherOrder();
        // PAYJS signs a refund once; that it was done before it says without a signature.
        if (reply["refund"] != "1") reply.SignedBy(keys, required: []);
        return new RefundReply(true, PayjsSign.Canonical(reply.Fields));
    }

    public async Task<string> ReadMerchantNameAsync(Merchant merchant, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(api.InfoAsync, merchant, new() { ["mchid"] = merchant.Id }, cancellationToken);
        if (!reply.Accepted) throw new RefusedException(Refusal.GatewayFailed, $"info refused: {reply.Message}");
        // The merchant's name is text of its own, and nothing is decided by it.
        return reply.SignedBy([merchant], required: [], freeText: "name")["name"] ?? "";
    }

    public GatewayMessage ReadNotice(IReadOnlyList<KeyValuePair<string, string>>? fields, string content, IReadOnlyList<Merchant> merchants) =>
        PayjsNotice.Read(fields, content, merchants, Mode);

    public GatewayMessage ReadNotice(string content, IReadOnlyList<Merchant> merchants) => ReadNotice(PayjsNotice.FieldsOf(content), content, merchants);

    // Whether the gateway or we changed the key first: the one that it takes is the right one, and any of them may sign its reply.
    private static async Task<PayjsReply> CallAsync(
        Func<IDictionary<string, string>, CancellationToken, Task<string>> call, IReadOnlyList<Merchant> keys, string gatewayOrderId,
        CancellationToken cancellationToken)
    {
        PayjsReply? reply = null;
        foreach (var merchant in keys)
        {
            reply = await CallAsync(call, merchant, new() { ["payjs_order_id"] = gatewayOrderId }, cancellationToken);
            if (reply.Accepted) return reply;
        }
        return reply ?? throw new RefusedException(Refusal.GatewayNotConfigured, "the order's merchant was replaced too long ago");
    }

    private static async Task<PayjsReply> CallAsync(
        Func<IDictionary<string, string>, CancellationToken, Task<string>> call, Merchant merchant,
        Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        // PAYJS leaves empty fields out of the signature, but not every version of it agrees: so none is sent.
        foreach (var (name, _) in form.Where(f => f.Value.Length == 0).ToList()) form.Remove(name);
        form[PayjsSign.Field] = PayjsSign.Of(form, merchant.Key);
        string text;
        try
        {
            text = await call(form, cancellationToken);
        }
        catch (Exception exception)
        {
            // Refit, Polly, the HTTP client and the decoders below it throw types of their own and wrap each other's as their versions
            // please. Whatever it is, the gateway was not heard.
            cancellationToken.ThrowIfCancellationRequested();
            var cause = exception;
            while (cause is not ExecutionRejectedException && cause.InnerException is { } inner) cause = inner;
            throw new RefusedException(Refusal.GatewayFailed, $"{cause.GetType().Name}: {cause.Message}");
        }
        return PayjsReply.Parse(text);
    }

    private string? NotifyUrl(RechargeSettings settings)
    {
        if (settings.NotifyBaseUrl is { Length: > 0 } url) return url + "/payjs/notify";
        return Mode == GatewayMode.Sandbox && options.Value.OwnAddress() is { } own ? new Uri(own, "/payjs/notify").ToString() : null;
    }

    private static RefusedException OfAnotherOrder() => new(Refusal.GatewayFailed, "the reply is about another order");
}
