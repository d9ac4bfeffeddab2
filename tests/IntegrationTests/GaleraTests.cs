using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.Infrastructure;
using PayRecharge.Infrastructure.Persistence;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Two instances on a cluster of three databases: the death of a node or an instance loses and doubles nothing.</summary>
[TestFixture]
internal sealed class GaleraTests
{
    private const int Buyers = 4;

    private readonly ConcurrentDictionary<string, Bill> _bills = new();
    private readonly ConcurrentDictionary<string, ConcurrentBag<long>> _counts = new();
    private readonly ConcurrentDictionary<string, int> _errors = new();
    private readonly ConcurrentBag<long> _answered = [];
    private readonly ConcurrentBag<Task> _notices = [];
    private readonly ServerProcess[] _instances = new ServerProcess[2];
    private readonly long[] _uids = new long[Buyers];
    private GaleraCluster _cluster = null!;
    private ScriptedGateway _gateway = null!;
    private int _turn;
    private int _redeemed;

    [SetUp]
    public async Task OpenAsync()
    {
        _gateway = await ScriptedGateway.StartAsync();
        _cluster = await GaleraCluster.StartAsync();
        var place = _gateway.Answer;
        _gateway.Answer = async (call, form) => call switch
        {
            "native" => Take(form, await place(call, form)),
            "check" => StateOf(_bills[form["payjs_order_id"]]),
            _ => """{"return_code":0,"return_msg":"not here"}""",
        };
    }

    [TearDown]
    public async Task CloseAsync()
    {
        foreach (var instance in _instances.OfType<ServerProcess>()) await instance.DisposeAsync();
        if (_cluster is not null) await _cluster.DisposeAsync();
        if (_gateway is not null) await _gateway.DisposeAsync();
    }

    [Test]
    public async Task Neither_a_dead_node_nor_a_dead_instance_loses_or_doubles_anything()
    {
        // Both start concurrently, each on another node of an empty cluster.
        await Task.WhenAll(StartAsync(0), StartAsync(1));
        await SetUpShopAsync();
        _errors.Clear();

        using var closing = new CancellationTokenSource();
        var started = Stopwatch.GetTimestamp();
        var buyers = Enumerable.Range(0, Buyers).Select(buyer => BuyAsync(buyer, closing.Token)).ToList();
        await UntilFulfilledAsync(20);

        await _cluster.KillAsync(0);
        await BothServeAsync();
        await UntilFulfilledAsync(20);
        var rejoining = _cluster.RestartAsync(0);
        await Task.WhenAll(rejoining, UntilFulfilledAsync(20));
        await BothServeAsync();

        await _instances[1].KillAsync();
        await UntilFulfilledAsync(10);
        await using (_instances[1]) await StartAsync(1);
        await BothServeAsync();
        await UntilFulfilledAsync(20);

        await closing.CancelAsync();
        await Task.WhenAll(buyers);
        var took = Stopwatch.GetElapsedTime(started);
        await Task.WhenAll(_notices);
        await ReportAsync(took);
        await AssertNothingIsLostOrDoubledAsync();
    }

    private async Task AssertNothingIsLostOrDoubledAsync()
    {
        for (var i = 0; i < _instances.Length; i++)
        {
            var (_, audit) = await AdminAsync(i, HttpMethod.Get, "audit");
            Assert.That((bool)audit!["sound"]!, Is.True, audit.ToJsonString());
        }
        await using var db = new MySqlRechargeDbContext(new DbContextOptionsBuilder<MySqlRechargeDbContext>()
            .UseMySql(_cluster.DatabaseBy(2).ConnectionString, DependencyInjection.ServerVersion).Options);
        var orders = await db.Orders.AsNoTracking().ToListAsync();
        var paid = _bills.Values.Where(b => b.IsPaid).ToList();
        Assert.That(orders.Where(o => o.Status == OrderStatus.Fulfilled).Select(o => o.Number), Is.EquivalentTo(paid.Select(b => b.Number)), "what was paid is fulfilled, and nothing else");
        Assert.That(orders.Where(o => o.Status == OrderStatus.NeedsAttention), Is.Empty);
        Assert.That(await db.LedgerEntries.CountAsync(e => e.Key.StartsWith("order:")), Is.EqualTo(paid.Count));
        Assert.That(await db.Kamis.CountAsync(), Is.EqualTo(paid.Count(b => b.What == "kamis")));
        Assert.That(await db.Kamis.CountAsync(k => k.RedeemedAt != null), Is.EqualTo(_redeemed).And.Positive);
        foreach (var (buyer, uid) in _uids.Index())
        {
            var bought = paid.Where(b => b.Buyer == buyer).ToLookup(b => b.What, b => b.Fen);
            var kamis = await db.Kamis.CountAsync(k => k.RedeemedBy == uid);
            var account = await db.UserAccounts.SingleAsync(a => a.Uid == uid);
            Assert.Multiple(() =>
            {
                Assert.That(account.Credits2, Is.EqualTo(bought["credit"].Sum() / 10));
                Assert.That((account.Credits3, account.Devices), Is.EqualTo((12L * kamis, 1L * kamis)));
            });
            var seconds = await db.LedgerEntries.Where(e => e.Uid == uid && e.Kind == LedgerKind.CardTime && !e.Key.StartsWith("open:")).SumAsync(e => e.Delta);
            Assert.That(seconds, Is.EqualTo(bought["cardtime"].Sum() * 36 + 1000L * kamis));
        }
        foreach (var (order, counts) in _counts) Assert.That(counts, Is.Unique, $"questions about {order}");
    }

    private async Task SetUpShopAsync()
    {
        await MustAsync(AdminAsync(0, HttpMethod.Put, "settings", new
        {
            merchantId = ScriptedGateway.Merchant,
            merchantKey = ScriptedGateway.Key,
            notifyBaseUrl = "http://127.0.0.1:9",
            transportKey = Shop.TransportKey,
            creditRatios = new[] { 0, 10, 0, 0, 0, 0, 0, 0 },
            timeRatio = 3600,
            softCreditType = 3,
            tradeCreditType = 4,
        }));
        await MustAsync(AdminAsync(1, HttpMethod.Put, "card-rules/9", new { priceFen = 100, credits = 12, tradeCredits = 13, seconds = 1000, devices = 1 }));
        for (var buyer = 0; buyer < Buyers; buyer++)
            _uids[buyer] = (long)(await MustAsync(AdminAsync(buyer % 2, HttpMethod.Post, "users", new { userName = $"buyer{buyer}", seconds = 1_000_000 })))!["uid"]!;
        await BothServeAsync();
    }

    /// <summary>A client: orders, pays, polls until the goods are there, redeems. It retries failed calls at the other instance.</summary>
    private async Task BuyAsync(int buyer, CancellationToken closing)
    {
        string[] kinds = ["credit", "cardtime", "kamis"];
        for (var round = buyer; !closing.IsCancellationRequested; round++)
        {
            var what = kinds[round % kinds.Length];
            var query = $"&action=payjs_{what}&credits=2&list_id=9&money={1 + round % 4}&username=buyer{buyer}&body={what}&attach={buyer}";
            if (await TryPluginAsync(Next(), query) is not { } placed) continue;
            var id = (string)placed["payjs_order_id"]!;
            var bill = _bills[id];
            var fulfilled = false;
            // An unpaid order is polled a few times.
            for (var asked = 0; bill.IsPaid ? !fulfilled : asked < 3; asked++)
                fulfilled = await CheckAsync(Next(), id) is { } answer && (string)answer["status"]! == "2" && await UseAsync(buyer, bill, answer);
            if (fulfilled) bill.IsUsed = true;
        }
    }

    private async Task<JsonNode?> CheckAsync(int instance, string id)
    {
        var answer = await TryPluginAsync(instance, $"&action=payjs_check&payjs_order_id={id}");
        if (answer is not null) _counts.GetOrAdd(id, _ => []).Add((long)answer["nums"]!);
        return answer;
    }

    // A conflict means that an earlier try succeeded and its answer was lost.
    private async Task<bool> UseAsync(int buyer, Bill bill, JsonNode answer)
    {
        if (bill.What != "kamis") return true;
        var (status, _) = await AdminAsync(Next(), HttpMethod.Post, $"users/{_uids[buyer]}/redemptions", new { code = (string)answer["kami"]! });
        if (status is not (HttpStatusCode.OK or HttpStatusCode.Conflict)) return false;
        Interlocked.Increment(ref _redeemed);
        return true;
    }

    /// <summary>The gateway takes an order. Four of five are paid immediately, even if our answer to the client is lost.</summary>
    private string Take(Dictionary<string, string> form, string reply)
    {
        var id = (string)JsonNode.Parse(reply)!["payjs_order_id"]!;
        var fen = long.Parse(form["total_fee"], CultureInfo.InvariantCulture);
        var buyer = int.Parse(form["attach"], CultureInfo.InvariantCulture);
        var bill = new Bill(form["out_trade_no"], id, buyer, fen, form["body"], _bills.Count % 5 != 4);
        _bills[id] = bill;
        if (bill.IsPaid) _notices.Add(NotifyAsync(bill));
        return reply;
    }

    // Retries until it is accepted. The real gateway waits longer between tries.
    private async Task NotifyAsync(Bill bill)
    {
        await Eventually.HoldsAsync(async () =>
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
            try
            {
                using var response = await _instances[Next()].Http.PostAsync("/payjs/notify",
                    new FormUrlEncodedContent(ScriptedGateway.Notice(bill.Number, bill.GatewayOrderId, bill.Fen)), patience.Token);
                if (response.StatusCode == HttpStatusCode.OK) return true;
                Failed($"notice: {(int)response.StatusCode}");
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or ObjectDisposedException)
            {
                Failed("notice: " + exception.GetType().Name);
            }
            return false;
        });
    }

    private static string StateOf(Bill bill) => ScriptedGateway.Signed(new Dictionary<string, string>
    {
        ["mchid"] = ScriptedGateway.Merchant,
        ["out_trade_no"] = bill.Number,
        ["paid_time"] = bill.IsPaid ? "2021-05-07 18:27:39" : "0",
        ["payjs_order_id"] = bill.GatewayOrderId,
        ["return_code"] = "1",
        ["status"] = bill.IsPaid ? "1" : "0",
        ["total_fee"] = bill.Fen.ToString(CultureInfo.InvariantCulture),
        ["transaction_id"] = bill.IsPaid ? "4200000000202105070000000001" : "0",
    });

    private async Task StartAsync(int instance) => _instances[instance] = await ServerProcess.StartAsync(_cluster.DatabaseBy(instance), _gateway.Address);

    /// <summary>Waits until each instance has taken an order and answered a poll of it.</summary>
    private Task BothServeAsync() => Task.WhenAll(Enumerable.Range(0, _instances.Length).Select(instance => Eventually.HoldsAsync(async () =>
        await TryPluginAsync(instance, "&action=payjs_credit&credits=2&money=1&username=buyer0&body=credit&attach=0") is { } placed
        && await CheckAsync(instance, (string)placed["payjs_order_id"]!) is not null)));

    private Task UntilFulfilledAsync(int more)
    {
        var until = _bills.Values.Count(b => b.IsUsed) + more;
        return Eventually.HoldsAsync(() => Task.FromResult(_bills.Values.Count(b => b.IsUsed) >= until));
    }

    /// <summary>Calls the legacy endpoint. Returns the data of the reply, or null if there was no reply or an error.</summary>
    private async Task<JsonNode?> TryPluginAsync(int instance, string query)
    {
        try
        {
            var reply = JsonNode.Parse(await _instances[instance].Http.GetStringAsync($"{TestServer.PluginPath}{query}&key={Shop.TransportKey}"))!;
            if ((int)reply["code"]! == 200)
            {
                _answered.Add(Stopwatch.GetTimestamp());
                return reply["data"];
            }
            Failed("client: " + (string)reply["result"]!);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            Failed("client: " + exception.GetType().Name);
        }
        return null;
    }

    private async Task<(HttpStatusCode Status, JsonNode? Body)> AdminAsync(int instance, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, "/api/admin/" + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestServer.AdminKey);
        if (body is not null) request.Content = JsonContent.Create(body, options: JsonSerializerOptions.Web);
        try
        {
            using var response = await _instances[instance].Http.SendAsync(request);
            if (!response.IsSuccessStatusCode) Failed($"admin: {(int)response.StatusCode}");
            return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonNode>());
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            Failed("admin: " + exception.GetType().Name);
            return (0, null);
        }
    }

    private static async Task<JsonNode?> MustAsync(Task<(HttpStatusCode Status, JsonNode? Body)> call)
    {
        var (status, body) = await call;
        Assert.That(status, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.Created), body?.ToJsonString());
        return body;
    }

    private async Task ReportAsync(TimeSpan took)
    {
        var times = _answered.Order().ToList();
        var outage = times.Zip(times.Skip(1), Stopwatch.GetElapsedTime).Max();
        var conflicts = 0L;
        for (var node = 0; node < GaleraCluster.Nodes; node++)
            conflicts += await _cluster.StatusAsync(node, "wsrep_local_cert_failures") + await _cluster.StatusAsync(node, "wsrep_local_bf_aborts");
        await TestContext.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""
            {took.TotalSeconds:0} s of load: {_bills.Count} orders, {_bills.Values.Count(b => b.IsPaid)} paid, {_redeemed} kamis redeemed, {times.Count} answers to clients
            Longest time without an answer by any instance: {outage.TotalSeconds:0.0} s
            Conflicts between nodes: {conflicts}
            Errors that callers saw: {string.Join(", ", _errors.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key} × {e.Value}"))}
            """));
    }

    private int Next() => (int)((uint)Interlocked.Increment(ref _turn) % _instances.Length);

    private void Failed(string what) => _errors.AddOrUpdate(what, 1, (_, count) => count + 1);

    /// <summary>An order at the gateway.</summary>
    private sealed record Bill(string Number, string GatewayOrderId, int Buyer, long Fen, string What, bool IsPaid)
    {
        /// <summary>Whether its buyer has seen it fulfilled.</summary>
        public bool IsUsed { get; set; }
    }
}
