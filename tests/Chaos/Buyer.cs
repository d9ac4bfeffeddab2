using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;

namespace PayRecharge.Chaos;

/// <summary>An account that the kit's buyers use.</summary>
internal sealed record Account(string Name, long Uid);

/// <summary>An order of a buyer or the passer-by, with what they observed.</summary>
internal sealed class Purchase(string gatewayOrderId, string number, long fen)
{
    public string GatewayOrderId { get; } = gatewayOrderId;
    public string Number { get; } = number;
    public long Fen { get; } = fen;

    /// <summary>Every <c>nums</c> value received.</summary>
    public ConcurrentBag<long> Counts { get; } = [];

    /// <summary>Whether a buyer tried to pay; only the gateway knows the result.</summary>
    public bool TriedToPay { get; set; }
    public bool SeenFulfilled { get; set; }

    /// <summary>Whether the buyer saw the delivery. The verdict then skips the order: an address has only 100 calls a second.</summary>
    public bool IsServed { get; set; }
    public string? SeenKami { get; set; }
    public long? RefundAskedAt { get; set; }

    /// <summary>The accounts with a confirmed redemption of the kami, and those with an unknown result.</summary>
    public ConcurrentBag<long> Redeemed { get; } = [];
    public ConcurrentBag<long> MaybeRedeemed { get; } = [];
}

/// <summary>The actions and observations of all participants.</summary>
internal sealed class Records
{
    public ConcurrentDictionary<string, Purchase> Purchases { get; } = new();

    /// <summary>Observations that must never happen.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    public int OrderCalls;
    public int LostAnswers;
    public int Polls;
    public int Forgeries;
    public int Redemptions;
    public int Refunds;

    /// <summary>Queries an order and compares the answer with earlier ones.</summary>
    public async Task<bool> CheckAsync(World world, Purchase purchase)
    {
        Interlocked.Increment(ref Polls);
        if (await world.PluginAsync("action=payjs_check&payjs_order_id=" + purchase.GatewayOrderId) is not { } reply) return false;
        if ((int)reply["code"]! != 200) return false;
        var data = reply["data"]!;
        purchase.Counts.Add((long)data["nums"]!);
        var (fulfilled, kami) = ((string)data["status"]! == "2", (string)data["kami"]!);
        if (fulfilled && !purchase.TriedToPay) Violations.Enqueue($"order {purchase.Number} shows as paid and nobody paid it");
        if (!fulfilled && kami.Length > 0) Violations.Enqueue($"order {purchase.Number} shows its kami unpaid");
        if (!fulfilled && purchase is { SeenFulfilled: true, RefundAskedAt: null }) Violations.Enqueue($"order {purchase.Number} showed as paid and does no more");
        if (fulfilled)
        {
            if (purchase.SeenKami is { } seen && seen != kami) Violations.Enqueue($"order {purchase.Number} shows another kami than before");
            if (kami.Length > 0) purchase.SeenKami = kami;
            purchase.SeenFulfilled = true;
        }
        return fulfilled;
    }
}

/// <summary>Buys, pays, polls until delivery and redeems; sometimes skips or repeats a step, or asks for a refund.</summary>
internal sealed class Buyer(World world, Records records, IReadOnlyList<Account> accounts, int index, ulong seed, TimeSpan pace)
{
    private readonly PCG _random = new((uint)index + 1, seed);

    public async Task RunAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            if (await OrderAsync() is { } purchase && !Chance(10))
            {
                await PayAsync(purchase);
                if (Chance(10)) await PayAsync(purchase);
                // A buyer who has paid stops polling after a while.
                for (var poll = 0; poll < 30 && !await records.CheckAsync(world, purchase); poll++)
                {
                    if (over.IsCancellationRequested) return;
                    await Task.Delay(pace, CancellationToken.None);
                }
                if (purchase.SeenKami is { } code && Chance(70)) await RedeemAsync(purchase, code);
                else if (purchase.SeenFulfilled && Chance(5)) await RefundAsync(purchase);
            }
            else
            {
                await Task.Delay(pace, CancellationToken.None);
            }
        }
    }

    private bool Chance(uint percent) => _random.Next(100u) < percent;

    private Account AnyAccount() => accounts[(int)_random.Next((uint)accounts.Count)];

    private async Task<Purchase?> OrderAsync()
    {
        var money = ((1 + _random.Next(500u)) / 100m).ToString("0.##", CultureInfo.InvariantCulture);
        var what = _random.Next(3u) switch
        {
            0 => $"action=payjs_credit&credits=2&money={money}",
            1 => $"action=payjs_cardtime&money={money}",
            _ => "action=payjs_kamis&list_id=9",
        };
        Interlocked.Increment(ref records.OrderCalls);
        var reply = await world.PluginAsync($"{what}&username={AnyAccount().Name}&body=b&attach={index}" + (Chance(50) ? "&type=alipay" : ""));
        if (reply is not { } answer || (int)answer["code"]! != 200 || (int)answer["data"]!["return_code"]! != 1)
        {
            Interlocked.Increment(ref records.LostAnswers);
            return null;
        }
        var data = answer["data"]!;
        var id = (string)data["payjs_order_id"]!;
        return records.Purchases.GetOrAdd(id, _ => new Purchase(id, (string)data["out_trade_no"]!, long.Parse((string)data["total_fee"]!, null)));
    }

    private async Task PayAsync(Purchase purchase)
    {
        purchase.TriedToPay = true;
        await world.Gateway.PayAsync(purchase.GatewayOrderId);
    }

    // Sometimes several accounts, or one twice, redeem the key concurrently.
    private async Task RedeemAsync(Purchase purchase, string code)
    {
        var tries = Enumerable.Range(0, 1 + (int)_random.Next(3u)).Select(_ => AnyAccount().Uid).ToList();
        await Task.WhenAll(tries.Select(async uid =>
        {
            Interlocked.Increment(ref records.Redemptions);
            var answer = await world.AdminAsync(HttpMethod.Post, $"users/{uid}/redemptions", new { code });
            if (answer is { Status: 200 }) purchase.Redeemed.Add(uid);
            else if (answer is null or { Status: >= 500 }) purchase.MaybeRedeemed.Add(uid);
        }));
    }

    private async Task RefundAsync(Purchase purchase)
    {
        Interlocked.Increment(ref records.Refunds);
        purchase.RefundAskedAt = TimeProvider.System.GetTimestamp();
        var (_, list) = await world.AdminAsync(HttpMethod.Get, "orders") ?? default;
        // It is not a list if a server returned an error.
        if ((list as JsonArray)?.FirstOrDefault(o => (string)o!["number"]! == purchase.Number) is { } order)
            await world.AdminAsync(HttpMethod.Post, $"orders/{(long)order["id"]!}/refund", new JsonObject { ["reason"] = "chaos" });
    }
}
