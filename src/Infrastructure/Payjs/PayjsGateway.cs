using System.Globalization;
using Microsoft.Extensions.Options;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;
using Polly;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>The gateway for PAYJS's protocol; the sandbox speaks it, too.</summary>
internal sealed class PayjsGateway(Lazy<IPayjsApi> api, IOptions<PayjsOptions> options) : IPaymentGateway
{
    // Without openid: PAYJS does not guarantee it here.
    private static readonly string[] FieldsOfPaid = ["mchid", "out_trade_no", "payjs_order_id", "total_fee", "transaction_id", "paid_time"];

    public const string Name = "payjs";

    /// <summary>A payment code is valid for 2 hours.</summary>
    private static readonly TimeSpan CodeLife = TimeSpan.FromHours(2);

    // A payment in the first 5 minutes is found within 50 s, a later one within 14 minutes. PAYJS blocks callers that query too often.
    private static readonly CheckSchedule Questions = new(
    [
        .. Enumerable.Range(1, 7).Select(i => TimeSpan.FromSeconds(50 * i)),
        .. Enumerable.Range(1, 8).Select(i => TimeSpan.FromSeconds(350) + TimeSpan.FromMinutes(14 * i)),
        CodeLife + TimeSpan.FromSeconds(30),
    ]);

    public string Code => Name;

    public GatewayMode Mode => options.Value.Mode;

    public CheckSchedule Schedule => Questions;

    public int ChecksPerSecond => options.Value.ChecksPerSecond;

    public Merchant SandboxMerchant => new(Name, "1600000001", "sandbox-key");

    public string? NotifyUrl(string? baseAddress)
    {
        if (baseAddress is { Length: > 0 }) return baseAddress + "/payjs/notify";
        return Mode == GatewayMode.Sandbox && options.Value.OwnAddress() is { } own ? new Uri(own, "/payjs/notify").ToString() : null;
    }

    public async Task<PlacementOutcome> PlaceAsync(Order order, Merchant merchant, string notifyUrl, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(api.Value.NativeAsync, merchant, new()
        {
            ["mchid"] = merchant.Id,
            ["total_fee"] = order.AmountFen.ToString(CultureInfo.InvariantCulture),
            ["out_trade_no"] = order.Number,
            ["body"] = order.Title,
            ["attach"] = order.Attach,
            ["notify_url"] = notifyUrl,
            ["type"] = order.Channel == PaymentChannel.Alipay ? "alipay" : "",
        }, cancellationToken);
        if (!reply.Accepted) return new GatewayRefusal(reply.Message);

        reply.SignedBy([merchant], required: ["code_url", "payjs_order_id", "qrcode"]);
        if (reply["out_trade_no"] != order.Number || reply.TotalFee != order.AmountFen)
            throw new RefusedException(Refusal.GatewayFailed, "the reply is about another order or amount");
        return new PaymentCode(Name, reply["code_url"]!, reply["qrcode"]!, order.Number, reply["payjs_order_id"]!, order.AmountFen, reply.Message, reply.Fields);
    }

    public async Task<GatewayMessage> CheckAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(api.Value.CheckAsync, keys, gatewayOrderId, cancellationToken);
        if (!reply.Accepted) throw new RefusedException(Refusal.GatewayFailed, $"check refused: {reply.Message}");
        var paid = reply["status"] == "1";
        reply.SignedBy(keys, required: paid ? FieldsOfPaid : ["out_trade_no"]);
        if (reply["payjs_order_id"] != gatewayOrderId) throw OfAnotherOrder();

        var content = PayjsSign.Canonical(reply.Fields);
        var number = reply["out_trade_no"]!;
        var message = new GatewayMessage(Name, PayjsNotice.HashOf("check", content), Signed: true, number, RawMessage.Of(content), "not paid", null)
        {
            Keys = [.. keys.Where(reply.IsSignedBy)],
        };
        if (!paid) return message;
        return message with
        {
            Defect = null,
            Payment = new ReportedPayment(
                Name, reply["mchid"]!, Mode, number, gatewayOrderId,
                reply.TotalFee ?? throw new RefusedException(Refusal.GatewayFailed, "the reply has no amount"),
                // PAYJS writes 0 for an unknown value.
                reply["transaction_id"] is { } transaction and not "0" ? transaction : "",
                PayjsReply.ParseTime(reply["paid_time"]) ?? throw new RefusedException(Refusal.GatewayFailed, "the reply has no time of payment")),
        };
    }

    public async Task<bool> CloseAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(api.Value.CloseAsync, keys, gatewayOrderId, cancellationToken);
        if (reply.Accepted && reply.SignedBy(keys, required: [])["payjs_order_id"] != gatewayOrderId) throw OfAnotherOrder();
        return reply.Accepted;
    }

    public async Task<RefundReply> RefundAsync(string gatewayOrderId, IReadOnlyList<Merchant> keys, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(api.Value.RefundAsync, keys, gatewayOrderId, cancellationToken);
        if (!reply.Accepted) return new RefundReply(false, reply.Message);
        if (reply["payjs_order_id"] != gatewayOrderId) throw OfAnotherOrder();
        // PAYJS signs a refund once. Its reply to a repeated refund has no signature.
        if (reply["refund"] != "1") reply.SignedBy(keys, required: []);
        return new RefundReply(true, PayjsSign.Canonical(reply.Fields));
    }

    public async Task<string> ReadMerchantNameAsync(Merchant merchant, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(api.Value.InfoAsync, merchant, new() { ["mchid"] = merchant.Id }, cancellationToken);
        if (!reply.Accepted) throw new RefusedException(Refusal.GatewayFailed, $"info refused: {reply.Message}");
        // The merchant's name is free text, and no decision depends on it.
        return reply.SignedBy([merchant], required: [], freeText: "name")["name"] ?? "";
    }

    public GatewayMessage ReadNotice(RawMessage notice, IReadOnlyList<Merchant> merchants) => PayjsNotice.Read(notice, merchants, Mode);

    // The key may have changed first at the gateway or here: the accepted key is the right one, and any key may sign the reply.
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
        // PAYJS leaves empty fields out of the signature, but not in every version: so send no empty field.
        foreach (var (name, _) in form.Where(f => f.Value.Length == 0).ToList()) form.Remove(name);
        form[PayjsSign.Field] = PayjsSign.Of(form, merchant.Key);
        string text;
        try
        {
            text = await call(form, cancellationToken);
        }
        catch (Exception exception)
        {
            // Refit, Polly, the HTTP client and its decoders throw their own exception types, and wrap them differently in each version.
            // Each of them means that there is no reply.
            cancellationToken.ThrowIfCancellationRequested();
            var cause = exception;
            while (cause is not ExecutionRejectedException && cause.InnerException is { } inner) cause = inner;
            throw new RefusedException(Refusal.GatewayFailed, $"{cause.GetType().Name}: {cause.Message}");
        }
        return PayjsReply.Parse(text);
    }

    private static RefusedException OfAnotherOrder() => new(Refusal.GatewayFailed, "the reply is about another order");
}
