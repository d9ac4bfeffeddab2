using CsCheck;
using PayRecharge.Infrastructure.Payjs;
using PayRecharge.Sandbox;

namespace PayRecharge.Chaos;

/// <summary>One who sends notices that nobody should believe, for orders paid and unpaid.</summary>
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
                // Nobody was there to be deceived.
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
            // What follows is signed with the right key, as by a gateway that errs or a buyer who found a signature to reuse.
            case 1:
                fields["total_fee"] = (purchase.Fen + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
                break;
            // Of an order whose gateway id was lost with its answer nobody can tell a wrong one; a poll by its id has found this one.
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
