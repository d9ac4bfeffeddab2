using CsCheck;
using PayRecharge.Infrastructure.Payjs;
using PayRecharge.Sandbox;

namespace PayRecharge.Chaos;

/// <summary>Sends notices that the server must reject, for paid and unpaid orders.</summary>
internal sealed class Forger(World world, Records records, ulong seed)
{
    private readonly PCG _random = new(1000, seed);

    public async Task RunAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(50, CancellationToken.None);
            var known = records.Purchases.Values.ToList();
            if (known.Count == 0) continue;
            var purchase = known[(int)_random.Next((uint)known.Count)];
            try
            {
                Interlocked.Increment(ref records.Forgeries);
                using var response = await world.Http.PostAsync("/payjs/notify", new FormUrlEncodedContent(Forge(purchase)), CancellationToken.None);
                if (response.IsSuccessStatusCode) records.Violations.Enqueue($"a forged notice for order {purchase.Number} was taken");
            }
            catch (Exception exception) when (World.IsLoss(exception))
            {
                // No server received the notice.
            }
        }
    }

    private Dictionary<string, string> Forge(Purchase purchase)
    {
        var fields = new Dictionary<string, string>
        {
            ["mchid"] = SandboxGateway.MerchantId,
            ["openid"] = "oForged",
            ["out_trade_no"] = purchase.Number,
            ["payjs_order_id"] = purchase.GatewayOrderId,
            ["return_code"] = "1",
            ["time_end"] = "2021-05-07 18:27:39",
            ["total_fee"] = purchase.Fen.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["transaction_id"] = "4200000000202105070000000001",
        };
        var key = SandboxGateway.MerchantKey;
        switch (_random.Next(5))
        {
            case 0:
                key = "not the key";
                break;
            // The cases below have the right key, as from a faulty gateway or a buyer who reuses a signature.
            case 1:
                fields["total_fee"] = (purchase.Fen + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
                break;
            // A wrong gateway id is detectable only if the server stored the right one; a successful poll by that id proves it.
            case 2 when !purchase.Counts.IsEmpty:
                fields["payjs_order_id"] = purchase.GatewayOrderId + "1";
                break;
            case 3:
                fields["mchid"] = "1600000002";
                break;
            default:
                foreach (var name in new[] { "mchid", "openid", "time_end", "transaction_id" }) fields.Remove(name);
                fields["code_url"] = "weixin://wxpay/bizpayurl?pr=1";
                break;
        }
        fields["sign"] = PayjsSign.Of(fields, key);
        return fields;
    }
}
