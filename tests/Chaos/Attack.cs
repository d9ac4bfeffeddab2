using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace PayRecharge.Chaos;

/// <summary>
/// Twenty attackers and twenty honest buyers, each with its own loopback address. The attackers have the transport key, as every
/// client has, and no other secret.
/// </summary>
internal sealed class Attack(World world, Records records, ulong seed) : IDisposable
{
    public const int Buyers = 20;
    private const int Attackers = 20;
    private const int MostMemoryMb = 400;
    private const int MostLogBytes = 5_000_000;

    /// <summary>The limits from payment to fulfilment, with a notice and without; one notice in ten is dropped.</summary>
    private static readonly TimeSpan WithNotice = TimeSpan.FromSeconds(5), WithoutNotice = TimeSpan.FromSeconds(60);

    /// <summary>The pause between two requests of an attacker: fifty a second each, a thousand in total.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentBag<TimeSpan> _noticed = [], _found = [];
    private readonly ConcurrentDictionary<string, int> _acts = new();
    private readonly ConcurrentBag<Socket> _stalled = [];
    private long _memoryMb;

    /// <summary>The default limits of a real site; the tests' servers have none.</summary>
    public static IReadOnlyList<(string Name, string Value)> Limits =>
    [
        ("RateLimit__PerSecond", "100"), ("RateLimit__Burst", "1000"), ("RateLimit__OrderPerSecond", "20"), ("RateLimit__OrderBurst", "60"),
        ("RateLimit__UnknownOrdersPerMinute", "20"), ("RateLimit__OpenOrdersPerUser", "30"), ("RateLimit__OpenOrdersPerAddress", "300"),
        ("RateLimit__ConnectionsPerAddress", "500"), ("Payjs__ChecksPerSecond", "10"),
    ];

    /// <summary>Attacks and buys until the time is over, then waits for the paid orders.</summary>
    public async Task RunAsync(IReadOnlyList<Account> buyers, CancellationToken over)
    {
        await world.InsistAsync(HttpMethod.Post, "users", new { userName = "junk" });
        await world.Gateway.SetQuirksAsync(new JsonObject { ["notifyDropPercent"] = 10 });
        var attackers = Enumerable.Range(1, Attackers).Select(i => AttackAsync(Address(2, i), i, over)).ToList();
        var honest = buyers.Select((buyer, i) => BuyAsync(Address(1, i + 1), buyer, over)).ToList();
        await Task.WhenAll([WatchAsync(over), .. attackers, .. honest]);
        foreach (var socket in _stalled) socket.Dispose();
    }

    /// <summary>Checks the attack's effect on the buyers and the server.</summary>
    public void Judge()
    {
        var log = world.Outputs.SelectMany(o => o).Sum(line => (long)line.Length + 1);
        if (_memoryMb > MostMemoryMb) records.Violations.Enqueue($"the server held {_memoryMb} MB");
        if (log > MostLogBytes) records.Violations.Enqueue($"the server logged {log} bytes");
        if (_noticed.IsEmpty) records.Violations.Enqueue("nobody could buy");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
              {_noticed.Count} payments fulfilled after their notice, the slowest in {Slowest(_noticed)} s; {_found.Count} without one, the slowest in {Slowest(_found)} s
              attacks: {string.Join(", ", _acts.OrderBy(a => a.Key).Select(a => $"{a.Key} {a.Value}"))}
              memory {_memoryMb} MB at most, {log} bytes logged
            """));

        static string Slowest(ConcurrentBag<TimeSpan> times) => times.IsEmpty ? "–" : times.Max().TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        foreach (var socket in _stalled) socket.Dispose();
    }

    private static IPAddress Address(byte network, int host) => new([127, network, 0, (byte)host]);

    private async Task BuyAsync(IPAddress from, Account buyer, CancellationToken over)
    {
        using var http = Client(from);
        while (!over.IsCancellationRequested)
        {
            if (await OrderAsync(http, buyer.Name) is not { } data)
            {
                await Task.Delay(500, CancellationToken.None);
                continue;
            }
            var purchase = new Purchase((string)data["payjs_order_id"]!, (string)data["out_trade_no"]!, long.Parse((string)data["total_fee"]!, CultureInfo.InvariantCulture)) { TriedToPay = true };
            records.Purchases[purchase.GatewayOrderId] = purchase;
            await world.Gateway.PayAsync(purchase.GatewayOrderId);
            var paid = Stopwatch.GetTimestamp();
            while (!(purchase.IsServed = await IsFulfilledAsync(http, purchase)) && Stopwatch.GetElapsedTime(paid) < WithoutNotice) await Task.Delay(250, CancellationToken.None);
            await JudgeAsync(purchase, Stopwatch.GetElapsedTime(paid));
        }
    }

    private async Task JudgeAsync(Purchase purchase, TimeSpan took)
    {
        // The gateway sends a notice at the payment, unless it drops it. The next attempt comes 15 seconds later.
        var attempts = (await world.Gateway.PayAsync(purchase.GatewayOrderId)).Attempts;
        var noticed = attempts is [var first, ..] && first.Error != "dropped";
        (noticed ? _noticed : _found).Add(took);
        if (took > (noticed ? WithNotice : WithoutNotice))
            records.Violations.Enqueue(string.Create(CultureInfo.InvariantCulture, $"order {purchase.Number} showed {took.TotalSeconds:0.0} s after its payment (notices: {string.Join(", ", attempts.Select(a => a.Status?.ToString(CultureInfo.InvariantCulture) ?? a.Error))})"));
    }

    private async Task<bool> IsFulfilledAsync(HttpClient http, Purchase purchase)
    {
        Interlocked.Increment(ref records.Polls);
        return await PluginAsync(http, "action=payjs_check&payjs_order_id=" + purchase.GatewayOrderId) is { } reply
            && (int)reply["code"]! == 200 && (string)reply["data"]!["status"]! == "2";
    }

    private async Task<JsonNode?> OrderAsync(HttpClient http, string user)
    {
        Interlocked.Increment(ref records.OrderCalls);
        var reply = await PluginAsync(http, $"action=payjs_credit&credits=2&money=1&username={user}&body=b");
        if (reply is not null && (int)reply["code"]! == 200 && (int)reply["data"]!["return_code"]! == 1) return reply["data"];
        Interlocked.Increment(ref records.LostAnswers);
        return null;
    }

    private async Task AttackAsync(IPAddress from, int index, CancellationToken over)
    {
        using var http = Client(from);
        var random = new CsCheck.PCG((uint)(3000 + index), seed);
        while (!over.IsCancellationRequested)
        {
            var (act, attempt) = random.Next(8u) switch
            {
                0 => ("forged notices", ForgeAsync(http, random)),
                1 => ("replies posted back", PostReplyBackAsync(http)),
                2 => ("junk orders", OrderAsync(http, "junk")),
                3 => ("stalled bodies", StallAsync(from, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1048576\r\n\r\n" + new string('a', 4000))),
                4 => ("slow headers", StallAsync(from, "X-Slow: 1")),
                5 => ("admin key guesses", GuessAsync(http, random)),
                6 => ("transport key guesses", PluginAsync(http, "action=payjs_kamis_list", $"guess{random.Next()}")),
                _ => ("unknown orders", PluginAsync(http, "action=payjs_check&payjs_order_id=20210507182717006" + random.Next(100_000u))),
            };
            _acts.AddOrUpdate(act, 1, (_, count) => count + 1);
            try
            {
                await attempt;
            }
            catch (Exception exception) when (World.IsLoss(exception))
            {
                // The server may close an attacker's connection.
            }
            await Task.Delay(Pace, CancellationToken.None);
        }
    }

    private async Task ForgeAsync(HttpClient http, CsCheck.PCG random)
    {
        Interlocked.Increment(ref records.Forgeries);
        var known = records.Purchases.Values.ToList();
        if (known.Count == 0) return;
        var purchase = known[(int)random.Next((uint)known.Count)];
        await PostAsync(http, new Dictionary<string, string>
        {
            ["mchid"] = Sandbox.SandboxGateway.MerchantId,
            ["openid"] = "oForged" + random.Next(),
            ["out_trade_no"] = purchase.Number,
            ["payjs_order_id"] = purchase.GatewayOrderId,
            ["return_code"] = "1",
            ["sign"] = new string('A', 32),
            ["time_end"] = "2021-05-07 18:27:39",
            ["total_fee"] = purchase.Fen.ToString(CultureInfo.InvariantCulture),
            ["transaction_id"] = "4200000000202105070000000001",
        });
    }

    // Every placed order returns a reply signed by the gateway.
    private async Task PostReplyBackAsync(HttpClient http)
    {
        if (await OrderAsync(http, "junk") is { } data)
            await PostAsync(http, data.AsObject().ToDictionary(f => f.Key, f => f.Value!.ToString()));
    }

    private async Task PostAsync(HttpClient http, Dictionary<string, string> notice)
    {
        using var response = await http.PostAsync("/payjs/notify", new FormUrlEncodedContent(notice));
        if (response.IsSuccessStatusCode) records.Violations.Enqueue($"a forged notice for order {notice["out_trade_no"]} was taken");
    }

    private async Task GuessAsync(HttpClient http, CsCheck.PCG random)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/admin/settings") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", $"guess-{random.Next()}-{random.Next()}-{random.Next()}") } };
        using var response = await http.SendAsync(request);
        if (response.IsSuccessStatusCode) records.Violations.Enqueue("an admin key was guessed");
    }

    // The request is never completed; the server may close it at any time.
    private async Task StallAsync(IPAddress from, string rest)
    {
        if (_stalled.Count >= 100 * Attackers) return;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(Server);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /plugin.php?id=xinxiu_network_plugin:payjs&action=payjs_kamis_list&key={World.TransportKey} HTTP/1.1\r\nHost: x\r\n{rest}"));
            _stalled.Add(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
        }
    }

    private IPEndPoint Server => new(IPAddress.Loopback, world.Servers.Single().Http.BaseAddress!.Port);

    private HttpClient Client(IPAddress from) => new(new SocketsHttpHandler
    {
        MaxConnectionsPerServer = 8,
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(from, 0));
                await socket.ConnectAsync(Server, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    { BaseAddress = new Uri($"http://127.0.0.1:{Server.Port}"), Timeout = TimeSpan.FromSeconds(15) };

    private static async Task<JsonNode?> PluginAsync(HttpClient http, string query, string key = World.TransportKey)
    {
        try
        {
            return JsonNode.Parse(await http.GetStringAsync($"/plugin.php?id=xinxiu_network_plugin:payjs&key={key}&{query}"));
        }
        catch (Exception exception) when (World.IsLoss(exception))
        {
            return null;
        }
    }

    private async Task WatchAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(1000, CancellationToken.None);
            foreach (var server in world.Servers) _memoryMb = Math.Max(_memoryMb, Soak.Status(server.Id, "VmHWM:") / 1024);
        }
    }
}
