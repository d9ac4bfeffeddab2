using System.Globalization;
using PayRecharge.Infrastructure.Payjs;
using PayRecharge.Sandbox;

namespace PayRecharge.Benchmarks;

/// <summary>The server that answers.</summary>
internal enum Server
{
    Product,
    Ceiling,
    Gateway,
}

/// <summary>One way to answer a call.</summary>
/// <param name="Name">The name in the report.</param>
/// <param name="Server">The server that answers.</param>
/// <param name="Path">The path on that server.</param>
internal sealed record Variant(string Name, Server Server, string Path)
{
    public const string Product = "product", HandWritten = "hand-written", OneTrip = "one round trip", Prebuilt = "prebuilt", Insert = "bare insert", Native = "gateway";

    /// <summary>The text in every correct answer, if it differs from the product's.</summary>
    public string? Mark => Name == Insert ? "200" : null;

    /// <summary>Whether it leaves the database unchanged.</summary>
    public bool ChangesNothing => Name is Prebuilt or Native;

    public bool RunsOn(Site site, int connections) => Name switch
    {
        OneTrip => !site.Store.IsSqlite,
        Prebuilt => connections > 1,
        Native => connections == 1,
        _ => true,
    };
}

/// <summary>A call of the product and the variants it is compared with.</summary>
/// <param name="Name">The name on the command line and in the report.</param>
/// <param name="Requests">Creates the requests. If each needs its own order, the numbers are the first order's id and the count.</param>
/// <param name="Variants">The ways to answer it.</param>
internal sealed record Call(string Name, Func<Site, long, long, IEnumerable<Request>> Requests, params Variant[] Variants)
{
    private const string Plugin = "/plugin.php?id=xinxiu_network_plugin:payjs";
    private const string Title = "%E5%85%85%E5%80%BC";

    /// <summary>The text in every correct answer.</summary>
    public string Mark { get; init; } = "\"code\":200";

    /// <summary>Whether every request needs a new order.</summary>
    public bool TakesOrders { get; init; }

    /// <summary>Whether only <c>--full</c>, <c>--only</c> or <c>--rounds 0</c> measures it: it costs the same as another call.</summary>
    public bool IsLeftOut { get; init; }

    /// <summary>SQL for a number that every answer increases by one.</summary>
    public Func<Seeding, string>? Proof { get; init; }

    public static IReadOnlyList<Call> All { get; } =
    [
        new("check", (site, _, _) => Spread(site.Seeding.Newest).Select(i => Get("payjs_check", $"payjs_order_id={Seeding.GatewayIdOf(site.Seeding.Last - i)}")),
            Product(), new(Variant.HandWritten, Server.Ceiling, "/check"), new(Variant.OneTrip, Server.Ceiling, "/check-in-one-trip"), Prebuilt("check"))
        {
            Proof = s => $"SELECT SUM(Count) FROM OrderChecks WHERE OrderId > {s.Last - s.Newest} AND OrderId <= {s.Last}",
        },
        new("check_id", (site, _, _) => Spread(site.Seeding.TokenUsers).Select(i => ListOf(i + 1)),
            Product(), new(Variant.HandWritten, Server.Ceiling, "/check_id"), Prebuilt("check_id")),
        new("kamis_list", (_, _, _) => [Get("payjs_kamis_list", "output=json")], Product(), Prebuilt("kamis_list")),
        new("notify", (_, first, count) => Ids(first, count).Select(Notice),
            new(Variant.Product, Server.Product, "/payjs/notify"), new(Variant.HandWritten, Server.Ceiling, "/notify"), Prebuilt("notify"))
        {
            Mark = "success",
            TakesOrders = true,
            Proof = s => $"SELECT COUNT(*) FROM Orders WHERE Id > {s.Last} AND Status = 2",
        },
        Placing("credit", "money=1&credits=1", new(Variant.Insert, Server.Ceiling, "/insert"), new(Variant.Native, Server.Gateway, Gateway.NativePath), Prebuilt("credit")),
        Placing("cardtime", "money=1") with { IsLeftOut = true },
        Placing("kamis", "list_id=1") with { IsLeftOut = true },
    ];

    /// <summary>The requests for a variant.</summary>
    public IEnumerable<Request> RequestsFor(Variant variant, Site site, long first, long count) => variant.Server == Server.Gateway
        ? Ids(site.TakeGatewayNumbers(count), count).Select(Native)
        : Requests(site, first, count).Select(r => r with { Target = variant.Path + (r.Target.IndexOf('?') is var at and >= 0 ? r.Target[at..] : "") });

    /// <summary>Lists all orders that a user has paid for.</summary>
    public static Request ListOf(long uid) => new($"{Plugin}&action=payjs_check_id&token={Seeding.TokenOf(uid)}");

    private static Variant Product() => new(Variant.Product, Server.Product, "/plugin.php");

    private static Variant Prebuilt(string call) => new(Variant.Prebuilt, Server.Ceiling, "/prebuilt/" + call);

    private static Call Placing(string name, string parameters, params Variant[] ceilings) => new(
        name, (site, _, _) => Spread(1000).Select(i => Get("payjs_" + name, $"{parameters}&username=user{i + 1}&body={Title}&attach=benchmark")), [Product(), .. ceilings])
    {
        Proof = s => $"SELECT COUNT(*) FROM Orders WHERE Id > {s.Last}",
    };

    /// <summary>Queries an order and waits for its payment.</summary>
    public static Request WaitFor(long id) => Get("payjs_check", $"payjs_order_id={Seeding.GatewayIdOf(id)}&wait=30");

    private static Request Get(string action, string parameters) => new($"{Plugin}&key={Site.TransportKey}&action={action}&{parameters}");

    private static IEnumerable<long> Ids(long first, long count)
    {
        for (var id = first; id < first + count; id++) yield return id;
    }

    // All numbers below count, scattered in a fixed order. 7919 is prime and divides no count here.
    private static IEnumerable<long> Spread(long count) => Ids(0, count).Select(i => i * 7919 % count);

    /// <summary>The gateway's notice that an order is paid.</summary>
    public static Request Notice(long id) => new("/payjs/notify", Signed(new()
    {
        ["attach"] = "benchmark",
        ["mchid"] = SandboxGateway.MerchantId,
        ["openid"] = "oBenchmark0000000000000000",
        ["out_trade_no"] = Seeding.NumberOf(id),
        ["payjs_order_id"] = Seeding.GatewayIdOf(id),
        ["return_code"] = "1",
        ["time_end"] = "2026-01-01 00:00:00",
        ["total_fee"] = "100",
        ["transaction_id"] = string.Create(CultureInfo.InvariantCulture, $"4200000000{100_000_000_000_000 + id}"),
    }));

    private static Request Native(long id) => new(Gateway.NativePath, Signed(new()
    {
        ["attach"] = "benchmark",
        ["body"] = "充值",
        ["mchid"] = SandboxGateway.MerchantId,
        ["notify_url"] = "http://127.0.0.1:5080/payjs/notify",
        ["out_trade_no"] = Seeding.NumberOf(id),
        ["total_fee"] = "100",
    }));

    private static string Signed(Dictionary<string, string> fields)
    {
        fields[PayjsSign.Field] = PayjsSign.Of(fields, SandboxGateway.MerchantKey);
        return string.Join('&', fields.Select(f => $"{f.Key}={Uri.EscapeDataString(f.Value)}"));
    }
}
