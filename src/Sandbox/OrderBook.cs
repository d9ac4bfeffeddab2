using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace PayRecharge.Sandbox;

/// <summary>The orders, newest last. The oldest are dropped, so that a long-running sandbox stays small.</summary>
internal sealed class OrderBook(TimeProvider clock, SandboxOptions options)
{
    private const string CodeCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private readonly Lock gate = new();
    private readonly LinkedList<Order> byAge = [];
    private readonly Dictionary<string, Order> byId = [];
    private readonly Dictionary<string, Order> byCode = [];
    private readonly HashSet<(string MerchantId, string OutTradeNo)> taken = [];

    public bool TryOpen(string merchantId, OrderTerms terms, [NotNullWhen(true)] out Order? order)
    {
        lock (gate)
        {
            order = null;
            if (!taken.Add((merchantId, terms.OutTradeNo)))
                return false;

            if (byAge.Count >= options.MaxOrders)
                DropOldest();

            order = new Order(NewId(), NewCode(), merchantId, terms, clock.GetUtcNow());
            byId.Add(order.Id, order);
            byCode.Add(order.Code, order);
            byAge.AddLast(order);
            return true;
        }
    }

    public Order? Find(string id)
    {
        lock (gate)
            return byId.GetValueOrDefault(id);
    }

    public Order? FindByCode(string code)
    {
        lock (gate)
            return byCode.GetValueOrDefault(code);
    }

    public Order[] Newest(int count)
    {
        var newest = new List<Order>();
        lock (gate)
        {
            for (var node = byAge.Last; node is not null && newest.Count < count; node = node.Previous)
                newest.Add(node.Value);
        }

        return [.. newest];
    }

    private void DropOldest()
    {
        var oldest = byAge.First!.Value;
        byAge.RemoveFirst();
        byId.Remove(oldest.Id);
        byCode.Remove(oldest.Code);
        taken.Remove((oldest.MerchantId, oldest.Terms.OutTradeNo));
    }

    private string NewId()
    {
        string id;
        do
            id = $"{BeijingTime.Stamp(clock.GetUtcNow())}00{RandomNumberGenerator.GetString("0123456789", 9)}";
        while (byId.ContainsKey(id));
        return id;
    }

    private string NewCode()
    {
        string code;
        do
            code = RandomNumberGenerator.GetString(CodeCharacters, 6);
        while (byCode.ContainsKey(code));
        return code;
    }
}
