using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Application.Payments;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>A live shop: a server, a scripted gateway, a merchant, one card rule and one buyer.</summary>
internal sealed class Shop : IAsyncDisposable
{
    public const string TransportKey = "shop-key";

    /// <summary>Credits of type 2 per yuan, and seconds per yuan.</summary>
    public const int CreditRatio = 10, TimeRatio = 3600;

    private Shop(Database database, ScriptedGateway gateway, TestServer server)
    {
        Database = database;
        Gateway = gateway;
        Server = server;
    }

    public Database Database { get; }
    public ScriptedGateway Gateway { get; }
    public TestServer Server { get; }
    public long Uid { get; private set; }

    public static async Task<Shop> OpenAsync(DatabaseKind kind, TimeProvider? clock = null, params (string Name, string Value)[] more) =>
        await OpenAsync(await Database.CreateAsync(kind), clock, more);

    public static Task<Shop> OpenAsync(Database database, TimeProvider? clock = null, params (string Name, string Value)[] more) => OpenWithAsync(null, database, clock, more);

    /// <summary>Opens a shop that also accepts payments through a second gateway.</summary>
    public static async Task<Shop> OpenWithAsync(IPaymentGateway? second, Database database, TimeProvider? clock = null, params (string Name, string Value)[] more)
    {
        var gateway = await ScriptedGateway.StartAsync();
        var shop = new Shop(database, gateway, TestServer.StartWith(second, database, gateway.Address, clock, more));
        await shop.Server.SaveSettingsAsync(new
        {
            merchantId = ScriptedGateway.Merchant,
            merchantKey = ScriptedGateway.Key,
            notifyBaseUrl = "http://127.0.0.1:9",
            transportKey = TransportKey,
            creditRatios = new[] { 0, CreditRatio, 0, 0, 0, 0, 0, 0 },
            timeRatio = TimeRatio,
        });
        await shop.Server.AdminAsync(HttpMethod.Put, "card-rules/9", new { priceFen = 100, credits = 12000, tradeCredits = 13000, seconds = 1000000, devices = 10 });
        shop.Uid = await shop.AddUserAsync("buyer");
        return shop;
    }

    public async Task<long> AddUserAsync(string name, bool permanent = false)
    {
        var (_, user) = await Server.AdminAsync(HttpMethod.Post, "users", new { userName = name, permanent });
        return (long)user!["uid"]!;
    }

    public Task<Placed> BuyCreditsAsync(string yuan = "1", string attach = "", string user = "buyer") =>
        BuyAsync($"&action=payjs_credit&credits=2&money={yuan}&attach={Uri.EscapeDataString(attach)}&username={user}");

    public Task<Placed> BuyCardTimeAsync(string yuan = "1", string user = "buyer") => BuyAsync($"&action=payjs_cardtime&money={yuan}&username={user}");

    public Task<Placed> BuyKamiAsync(string user = "buyer") => BuyAsync($"&action=payjs_kamis&list_id=9&username={user}");

    public async Task<JsonNode> CheckAsync(string gatewayOrderId) =>
        (await Server.PluginAsync($"&action=payjs_check&key={TransportKey}&payjs_order_id={gatewayOrderId}"))["data"]!;

    /// <summary>Confirms an order as an admin. It settles as a notice does, but has more time than a notice's two seconds.</summary>
    public async Task<HttpStatusCode> ConfirmAsync(Placed placed) =>
        (await Server.AdminAsync(HttpMethod.Post, $"orders/{(await OrderAsync(placed.Number)).Id}/confirm", new { reason = "seen" })).Status;

    public Task<Order> OrderAsync(string number) => Server.WithDbAsync(db => db.Orders.AsNoTracking().SingleAsync(o => o.Number == number));

    public Task<UserAccount> AccountAsync(long? uid = null) => Server.WithDbAsync(db => db.UserAccounts.AsNoTracking().SingleAsync(a => a.Uid == (uid ?? Uid)));

    public Task<List<Notification>> NotificationsAsync() => Server.WithDbAsync(db => db.Notifications.AsNoTracking().OrderBy(n => n.Id).ToListAsync());

    /// <summary>The ledger of all users, without openings.</summary>
    public Task<List<LedgerEntry>> LedgerAsync() =>
        Server.WithDbAsync(db => db.LedgerEntries.AsNoTracking().Where(e => !e.Key.StartsWith("open:")).OrderBy(e => e.Id).ToListAsync());

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Gateway.DisposeAsync();
        await Database.DisposeAsync();
    }

    private async Task<Placed> BuyAsync(string query)
    {
        var reply = await Server.PluginAsync(query + $"&body=test&key={TransportKey}");
        Assert.That((int)reply["code"]!, Is.EqualTo(200), reply.ToJsonString());
        var data = reply["data"]!;
        return new Placed((string)data["out_trade_no"]!, (string)data["payjs_order_id"]!, long.Parse((string)data["total_fee"]!, null), data);
    }

    public sealed record Placed(string Number, string GatewayOrderId, long Fen, JsonNode Reply)
    {
        public Dictionary<string, string> Notice(string key = ScriptedGateway.Key, string? attach = null) =>
            ScriptedGateway.Notice(Number, GatewayOrderId, Fen, key, attach: attach);
    }
}
