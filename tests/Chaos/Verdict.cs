using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MySqlConnector;

namespace PayRecharge.Chaos;

/// <summary>
/// Waits after the repair until all paid orders are settled, then compares the database, the gateway and the buyers' records. The
/// product's own audit is one check among them.
/// </summary>
internal sealed class Verdict(World world, Records records, IReadOnlyList<Account> accounts)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 16 };

    private readonly ConcurrentDictionary<string, GatewayOrder> _paid = new();

    public int Orders { get; private set; }
    public int Paid => _paid.Count;
    public int Notices { get; private set; }
    public int Duplicates { get; private set; }
    public int ForgedByGateway { get; private set; }
    public TimeSpan Quiet { get; private set; }

    public async Task JudgeAsync()
    {
        var started = Stopwatch.GetTimestamp();
        await BecomeQuietAsync();
        Quiet = Stopwatch.GetElapsedTime(started);
        CountNotices();
        CompareCounts();
        await CompareDatabaseAsync();
        await AuditAsync();
    }

    private void Violation(string what) => records.Violations.Enqueue(what);

    private async Task BecomeQuietAsync()
    {
        // Every attempted payment must succeed: buyers could reach the gateway at all times.
        await Parallel.ForEachAsync(records.Purchases.Values.Where(p => p.TriedToPay), AtOnce, async (purchase, _) =>
        {
            if (await world.Gateway.PayAsync(purchase.GatewayOrderId) is not { State: "paid" or "refunded" } order)
                Violation($"order {purchase.Number} cannot be paid");
            else _paid[purchase.Number] = order;
        });
        var limit = Stopwatch.GetTimestamp() + (long)(Patience.TotalSeconds * Stopwatch.Frequency);
        var open = records.Purchases.Values.Where(p => _paid.ContainsKey(p.Number) && !p.IsServed).ToList();
        while (open.Count > 0 && Stopwatch.GetTimestamp() < limit)
        {
            var unsettled = new ConcurrentBag<Purchase>();
            await Parallel.ForEachAsync(open, AtOnce, async (purchase, _) =>
            {
                if (!await SettleAsync(purchase)) unsettled.Add(purchase);
            });
            open = [.. unsettled];
            await Task.Delay(300);
        }
        foreach (var purchase in open) Violation($"order {purchase.Number} is paid and not delivered");
        // Read the orders again, to include late refunds and notices.
        await Parallel.ForEachAsync(records.Purchases.Values.Where(p => _paid.ContainsKey(p.Number)), AtOnce,
            async (purchase, _) => _paid[purchase.Number] = await world.Gateway.PayAsync(purchase.GatewayOrderId));
    }

    private async Task<bool> SettleAsync(Purchase purchase)
    {
        if (purchase.RefundAskedAt is not null) return await RefundAsync(purchase);
        if (await records.CheckAsync(world, purchase)) return true;
        // After a crash, an order may lack its gateway id and cannot be queried; a notice finds it by its number.
        if (purchase.Counts.IsEmpty) await world.Gateway.NotifyAsync(purchase.GatewayOrderId);
        return false;
    }

    private async Task<bool> RefundAsync(Purchase purchase)
    {
        var id = await ScalarAsync($"SELECT Id FROM Orders WHERE Number = '{purchase.Number}'");
        var answer = await world.AdminAsync(HttpMethod.Post, $"orders/{id}/refund", new JsonObject { ["reason"] = "chaos" });
        // A refund call that died with its server keeps the order to itself for two minutes.
        return answer is { Status: 200, Body: { } order } && (string?)order["status"] == "Refunded";
    }

    private void CountNotices()
    {
        foreach (var order in _paid.Values)
        {
            var sent = order.Attempts.Where(a => a.Status is not null).ToList();
            Notices += sent.Count(a => a.Kind != "forged");
            Duplicates += Math.Max(0, sent.Count(a => a is { Kind: not "forged", Status: 200 }) - 1);
            ForgedByGateway += sent.Count(a => a.Kind == "forged");
            if (sent.Any(a => a is { Kind: "forged", Status: 200 })) Violation($"a notice that the gateway forged for order {order.Number} was taken");
        }
    }

    private void CompareCounts()
    {
        foreach (var purchase in records.Purchases.Values)
        {
            if (purchase.Counts.Distinct().Count() != purchase.Counts.Count) Violation($"order {purchase.Number} told the same nums twice");
            if (purchase.Redeemed.Count > 1) Violation($"the kami of order {purchase.Number} was redeemed {purchase.Redeemed.Count} times");
        }
    }

    private async Task CompareDatabaseAsync()
    {
        var orders = await RowsAsync("SELECT Id, Number, Uid, Status, AmountFen, Purchase_Kind FROM Orders",
            r => (Id: r.GetInt64(0), Number: r.GetString(1), Uid: r.GetInt64(2), Status: r.GetInt32(3), Fen: r.GetInt64(4), Kind: r.GetInt32(5)));
        Orders = orders.Count;
        var byNumber = orders.ToDictionary(o => o.Number);

        foreach (var order in orders.Where(o => o.Status is not (1 or 3) && !_paid.ContainsKey(o.Number)))
            Violation($"order {order.Number} has status {order.Status} and nobody paid it");
        foreach (var (number, paid) in _paid)
        {
            if (!byNumber.TryGetValue(number, out var order)) Violation($"order {number} is paid and unknown");
            else if (order.Fen != paid.Fen) Violation($"order {number} costs {order.Fen} here and {paid.Fen} at the gateway");
            else if (order.Status != (paid.State == "refunded" ? 5 : 2)) Violation($"order {number} has status {order.Status} and is {paid.State} at the gateway");
        }

        var kamis = (await RowsAsync("SELECT OrderId, Code, RedeemedBy FROM Kamis",
            r => (OrderId: r.GetInt64(0), Code: r.GetString(1), RedeemedBy: r.IsDBNull(2) ? (long?)null : r.GetInt64(2)))).ToLookup(k => k.OrderId);
        var purchases = records.Purchases.Values.ToDictionary(p => p.Number);
        foreach (var order in orders.Where(o => o.Kind == 3))
        {
            var sold = kamis[order.Id].ToList();
            if (sold.Count != (order.Status is 2 or 5 ? 1 : 0)) Violation($"order {order.Number} has {sold.Count} kamis");
            if (!purchases.TryGetValue(order.Number, out var seen) || sold.Count != 1) continue;
            if (seen.SeenKami is { } code && code != sold[0].Code) Violation($"order {order.Number} showed a kami that is not its own");
            if (seen.Redeemed.Count == 1 && seen.Redeemed.Single() != sold[0].RedeemedBy) Violation($"the kami of order {order.Number} was redeemed by somebody else");
            if (seen.Redeemed.IsEmpty && sold[0].RedeemedBy is { } by && !seen.MaybeRedeemed.Contains(by)) Violation($"the kami of order {order.Number} was redeemed and nobody tried to");
        }

        // The balances that each account must have, from the gateway's payments and the redeemed keys. One credit per fen.
        foreach (var account in accounts)
        {
            var credits = orders.Where(o => o.Uid == account.Uid && o.Kind == 1 && o.Status == 2).Sum(o => _paid.GetValueOrDefault(o.Number)?.Fen ?? 0);
            var redeemed = kamis.SelectMany(k => k).Count(k => k.RedeemedBy == account.Uid);
            var (credits2, credits3, devices) = (await RowsAsync($"SELECT Credits2, Credits3, Devices FROM UserAccounts WHERE Uid = {account.Uid}",
                r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2)))).Single();
            if (credits2 != credits + 7 * redeemed) Violation($"{account.Name} has {credits2} credits and should have {credits + 7 * redeemed}");
            if (credits3 != 11 * redeemed || devices != redeemed) Violation($"{account.Name} has {credits3} trade credits and {devices} devices of {redeemed} kamis");
        }
    }

    private async Task AuditAsync()
    {
        var report = (await world.PatientHttp.GetFromJsonAsync<JsonNode>("/api/admin/audit"))!;
        foreach (var violation in report["violations"]!.AsArray()) Violation($"audit: {violation!["rule"]} {violation["row"]}");
        var fen = report["days"]!.AsArray().Sum(d => (long)d!["reportedFen"]!);
        if (fen != _paid.Values.Sum(p => p.Fen)) Violation($"the audit knows of {fen} fen, the gateway of {_paid.Values.Sum(p => p.Fen)}");
    }

    private async Task<long> ScalarAsync(string sql) => (await RowsAsync(sql, r => r.GetInt64(0))).Single();

    private async Task<List<T>> RowsAsync<T>(string sql, Func<MySqlDataReader, T> read)
    {
        await using var connection = new MySqlConnection(world.ConnectionString);
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync()) rows.Add(read(reader));
        return rows;
    }
}
