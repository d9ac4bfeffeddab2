using System.Net.Http.Headers;
using System.Net.Http.Json;
using PayRecharge.IntegrationTests.Support;
using PayRecharge.Sandbox;

namespace PayRecharge.Benchmarks;

/// <summary>A filled database and its servers: the product and the ceilings.</summary>
internal sealed class Site : IAsyncDisposable
{
    public const string TransportKey = "benchmark-key";

    private const string AdminKey = "benchmark-admin-key-0123456789";
    private static readonly Request Rules = new($"/plugin.php?id=xinxiu_network_plugin:payjs&key={TransportKey}&action=payjs_kamis_list");

    private readonly Database _database;
    private readonly Options _options;
    private readonly Gateway _gateway;
    private readonly string _replies = Directory.CreateTempSubdirectory("payrecharge-replies-").FullName;
    private Child? _product;
    private Child? _ceiling;
    private long _gatewayNumbers;

    private Site(string name, Database database, MariaDbServer? mariaDb, Options options, Gateway gateway, Store store)
    {
        (Name, _database, MariaDb, _options, _gateway, Store) = (name, database, mariaDb, options, gateway, store);
        Seeding = new Seeding(store);
    }

    public string Name { get; }

    public MariaDbServer? MariaDb { get; }

    public Store Store { get; }

    public Seeding Seeding { get; }

    public Child Product => _product!;

    public Child Ceiling => _ceiling!;

    public static async Task<Site> OpenAsync(string name, Database database, MariaDbServer? mariaDb, Options options, Gateway gateway, long orders)
    {
        // The product creates the tables.
        await using (var first = await StartProductAsync(database, options, gateway, database.ConnectionString, "\"code\":")) await SetUpAsync(first.Address);
        var site = new Site(name, database, mariaDb, options, gateway, await Store.OpenAsync(database));
        try
        {
            await site.Seeding.FillAsync(orders);
            await site.RestartAsync(database.ConnectionString);
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>Restarts the product and its ceilings.</summary>
    public async Task RestartAsync(string connectionString)
    {
        await RestartProductAsync(connectionString);
        await KeepRepliesAsync();
        if (_ceiling is not null) await _ceiling.DisposeAsync();
        var address = FreeAddress();
        _ceiling = await Child.StartAsync(Path.Combine(AppContext.BaseDirectory, "PayRecharge.Benchmarks.dll"),
            [CeilingServer.Mode, address.ToString(), _database.Provider, connectionString, _replies], address, new Request("/prebuilt/kamis_list"), "200");
    }

    /// <summary>Restarts the product on a database that has its tables.</summary>
    /// <returns>The time from process start to the first correct reply.</returns>
    public async Task<TimeSpan> RestartProductAsync(string connectionString)
    {
        if (_product is not null) await _product.DisposeAsync();
        _product = await StartProductAsync(_database, _options, _gateway, connectionString, "\"code\":200");
        return _product.StartedIn;
    }

    /// <summary>Starts another instance on the same database.</summary>
    public Task<Child> StartAnotherAsync() => StartProductAsync(_database, _options, _gateway, _database.ConnectionString, "\"code\":200");

    public string ConnectionString => _database.ConnectionString;

    public Uri AddressOf(Server server) => server switch
    {
        Server.Product => Product.Address,
        Server.Ceiling => Ceiling.Address,
        _ => _gateway.Address,
    };

    /// <summary>Reserves order numbers that are new to the gateway; returns the first.</summary>
    public long TakeGatewayNumbers(long count) => Interlocked.Add(ref _gatewayNumbers, count) - count;

    public async ValueTask DisposeAsync()
    {
        if (_product is not null) await _product.DisposeAsync();
        if (_ceiling is not null) await _ceiling.DisposeAsync();
        await Store.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_replies, recursive: true);
    }

    private static Uri FreeAddress() => new($"http://127.0.0.1:{FreePort.Next()}");

    private static Task<Child> StartProductAsync(Database database, Options options, Gateway gateway, string connectionString, string expected)
    {
        var address = FreeAddress();
        return Child.StartAsync(Path.Combine(options.Server, "PayRecharge.WebApi.dll"), [], address, Rules, expected,
            ("ASPNETCORE_ENVIRONMENT", "Production"), ("ASPNETCORE_URLS", address.ToString()),
            ("Database__Provider", database.Provider), ("ConnectionStrings__PayRecharge", connectionString),
            ("Payjs__Mode", "Live"), ("Payjs__BaseUrl", gateway.Api.ToString()), ("Payjs__ChecksPerSecond", "0"), ("Admin__ApiKey", AdminKey),
            ("RateLimit__PerSecond", "10000000"), ("RateLimit__Burst", "10000000"), ("RateLimit__OrderPerSecond", "10000000"),
            ("RateLimit__OrderBurst", "10000000"), ("RateLimit__UnknownOrdersPerMinute", "100000"),
            ("RateLimit__OpenOrdersPerUser", "10000000"), ("RateLimit__OpenOrdersPerAddress", "10000000"));
    }

    private static async Task SetUpAsync(Uri product)
    {
        using var http = new HttpClient { BaseAddress = new Uri(product, "/api/admin/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
        (await http.PutAsJsonAsync("settings", new
        {
            merchantId = SandboxGateway.MerchantId,
            merchantKey = SandboxGateway.MerchantKey,
            notifyBaseUrl = "http://127.0.0.1:5080",
            transportKey = TransportKey,
            creditRatios = new[] { 10, 10, 10, 10, 10, 10, 10, 10 },
            timeRatio = 3600,
        })).EnsureSuccessStatusCode();
        for (var rule = 1; rule <= 4; rule++)
            (await http.PutAsJsonAsync($"card-rules/{rule}", new { priceFen = 100 * rule, credits = 10 * rule, tradeCredits = 10, seconds = 3600 * rule, devices = 1 })).EnsureSuccessStatusCode();
    }

    /// <summary>Records one reply of the product per call, for the prebuilt ceiling.</summary>
    private async Task KeepRepliesAsync()
    {
        using var http = new HttpClient { BaseAddress = Product.Address };
        foreach (var call in Call.All)
        {
            var first = call.TakesOrders ? await Seeding.AddPendingAsync(1) : 0;
            var (request, reply) = (call.Requests(this, first, 1).First(), "");
            // A first call may exceed the product's own time limit.
            for (var left = 5; left > 0 && !reply.Contains(call.Mark, StringComparison.Ordinal); left--) reply = await request.SendAsync(http);
            if (!reply.Contains(call.Mark, StringComparison.Ordinal)) throw new InvalidOperationException($"The product answers {call.Name} with {reply}\n{Product.LastWords}");
            await File.WriteAllTextAsync(Path.Combine(_replies, call.Name), reply);
        }
    }
}
