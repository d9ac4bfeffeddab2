using System.Buffers;
using PayRecharge.Application.Cards;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Payments;
using PayRecharge.Domain;

namespace PayRecharge.WebApi.Legacy;

/// <summary>Writes a reply except its closing part; may flush.</summary>
internal delegate ValueTask LegacyReply(LegacyWriter writer, Func<ValueTask> flush);

/// <summary>The replies of the legacy actions, with the fields in the original order.</summary>
internal static class LegacyReplies
{
    /// <summary>The original's gateway.</summary>
    public static readonly ClientGateway Clients = new("payjs");

    /// <summary>The order id that clients poll with.</summary>
    public static string IdOf(PaymentCode code) => Clients.IdOf(code.Gateway, code.GatewayOrderId, code.OrderNumber);

    public static LegacyReply Failed(LegacyError error) => Of(writer => writer.OpenError(error.Code, error.Result));

    /// <summary>The gateway's reply to an order. As in the original, its count is always 1.</summary>
    public static LegacyReply Placed(PlacementOutcome outcome) => Of(writer =>
    {
        writer.OpenObject(1);
        if (outcome is PaymentCode code)
        {
            writer.Text("code_url", code.Code);
            writer.Text("out_trade_no", code.OrderNumber);
            writer.Text("payjs_order_id", IdOf(code));
            writer.Text("qrcode", code.PictureUrl);
            writer.Number("return_code", 1);
            writer.Text("return_msg", code.Message);
            writer.Text("total_fee", code.AmountFen);
            writer.Text("sign", code.Reply.GetValueOrDefault("sign"));
        }
        else
        {
            writer.Number("return_code", 0);
            writer.Text("return_msg", ((GatewayRefusal)outcome).Message);
        }
    });

    /// <summary>The rules, serialized once in each format and reused.</summary>
    public static LegacyReply Rules(IReadOnlyList<CardRuleView> rules) => new ReadyReply(rules.Count > 0, writer =>
    {
        writer.OpenObject(rules.Count);
        foreach (var rule in rules)
        {
            writer.OpenItem(rule.Id);
            writer.Text("price", Fen.ToYuan(rule.PriceFen));
            writer.Text("credits", rule.Credits);
            writer.Text("jiaoyi", rule.TradeCredits);
            writer.Text("times", rule.Seconds);
            writer.Text("inttoken", rule.Devices);
            writer.CloseItem();
        }
    }).Write;

    public static LegacyReply Order(OrderView order) => Of(writer =>
    {
        writer.OpenObject(14);
        WriteOrder(writer, order);
        writer.Number("nums", order.Checks);
    });

    public static LegacyReply Paid(PaidOrders paid) => async (writer, flush) =>
    {
        writer.OpenList(checked((int)paid.Count));
        await foreach (var order in paid.Orders)
        {
            writer.OpenRow();
            writer.Text("id", order.Id);
            WriteOrder(writer, order);
            writer.Text("nums", order.Checks);
            writer.CloseItem();
            await flush();
        }
    };

    public static LegacyReply Used(UsedKami kami) => Of(writer =>
    {
        writer.OpenObject(7);
        writer.Text("uid", kami.Uid);
        writer.Text("kami", kami.Code);
        writer.Text("credits", kami.Credits);
        writer.Text("jiaoyi", kami.TradeCredits);
        writer.Text("times", kami.Seconds);
        writer.Text("inttoken", kami.Devices);
        writer.Text("dateline", kami.CardTimeExpiry);
    });

    private static void WriteOrder(LegacyWriter writer, OrderView order)
    {
        writer.Text("uid", order.Uid);
        writer.Text("pay_type", (int)order.Kind);
        writer.Text("status", order.IsFulfilled ? "2" : "1");
        writer.Text("payjs_order_id", order.ClientId);
        writer.Text("body", order.Title);
        writer.Text("price", Fen.ToYuan(order.AmountFen));
        writer.Text("creditskey", order.CreditType);
        writer.Text("creditsval", order.Credits);
        writer.Text("signtime", order.Seconds);
        writer.Text("kami", order.KamiCode);
        writer.Text("attach", order.Attach);
        writer.Text("submitdate", order.CreatedAt.ToUnixTimeSeconds());
        writer.Text("time_end", order.PaidAt?.ToUnixTimeSeconds() ?? 0);
    }

    private static LegacyReply Of(Action<LegacyWriter> write) => (writer, _) =>
    {
        write(writer);
        return ValueTask.CompletedTask;
    };

    private sealed class ReadyReply(bool isObject, Action<LegacyWriter> write)
    {
        private byte[]? _json;
        private byte[]? _xml;

        public ValueTask Write(LegacyWriter writer, Func<ValueTask> flush)
        {
            writer.GoOnAfter(writer is LegacyXml ? _xml ??= Written(o => new LegacyXml(o)) : _json ??= Written(o => new LegacyJson(o)), isObject);
            return ValueTask.CompletedTask;
        }

        private byte[] Written(Func<IBufferWriter<byte>, LegacyWriter> by)
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = by(output);
            write(writer);
            writer.HandOver();
            return output.WrittenSpan.ToArray();
        }
    }
}
