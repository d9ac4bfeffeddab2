using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using MySqlConnector;
using PayRecharge.IntegrationTests.Support;
using PayRecharge.Sandbox;

namespace PayRecharge.Chaos;

/// <summary>
/// The test environment: MariaDB, the gateway, servers that each have their own relay to the database, and the balancer through which
/// buyers and the gateway reach them.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    public const string TransportKey = "chaos-key";

    /// <summary>Credits of type 2 and seconds per yuan: one of each per fen.</summary>
    public const int Ratio = 100;

    private readonly MariaDbServer _mariaDb;
    private readonly Database _database;
    private readonly ServerProcess?[] _servers;
    private readonly (string Name, string Value)[] _environment;

    private World(MariaDbServer mariaDb, Database database, Gateway gateway, int servers, (string Name, string Value)[] environment)
    {
        _mariaDb = mariaDb;
        _database = database;
        Gateway = gateway;
        _servers = new ServerProcess?[servers];
        _environment = environment;
        Wires = [.. _servers.Select(_ => new Relay(mariaDb.Port))];
        Balancer = new Relay();
        Http = Client(TimeSpan.FromSeconds(15));
        PatientHttp = Client(TimeSpan.FromMinutes(10));

        HttpClient Client(TimeSpan timeout) => new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{Balancer.Port}"),
            Timeout = timeout,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", ServerProcess.AdminKey) },
        };
    }

    public Gateway Gateway { get; }

    public Relay Balancer { get; }

    /// <summary>Each server's relay to the database.</summary>
    public Relay[] Wires { get; }

    /// <summary>Sends to any server, through the balancer.</summary>
    public HttpClient Http { get; }

    /// <summary>The same with a long timeout, for calls that read the whole database.</summary>
    public HttpClient PatientHttp { get; }

    public IEnumerable<ServerProcess> Servers => _servers.OfType<ServerProcess>();

    /// <summary>The output of every server, including killed ones.</summary>
    public ConcurrentQueue<ConcurrentQueue<string>> Outputs { get; } = new();

    /// <summary>The database directly, without a relay.</summary>
    public string ConnectionString => _database.ConnectionString;

    public static async Task<World> CreateAsync(int servers, params (string Name, string Value)[] environment)
    {
        var mariaDb = await MariaDbServer.StartAsync();
        var world = new World(mariaDb, await Database.CreateOnAsync(mariaDb), await Gateway.StartAsync(), servers, environment);
        for (var server = 0; server < servers; server++) await world.StartServerAsync(server);
        await world.SetUpAsync();
        return world;
    }

    public async Task StartServerAsync(int server)
    {
        var wired = new MySqlConnectionStringBuilder(_database.ConnectionString) { Port = (uint)Wires[server].Port };
        while (_servers[server] is null)
        {
            try
            {
                _servers[server] = await ServerProcess.StartAsync(_database, Gateway.Api,
                    [("ConnectionStrings__PayRecharge", wired.ConnectionString), ("Payjs__ChecksPerSecond", "200"), .. _environment]);
            }
            catch (InvalidOperationException)
            {
                // A server exits without its database; a service manager restarts it.
                await Task.Delay(200);
            }
        }
        Outputs.Enqueue(_servers[server]!.Output);
        Balancer.Targets = [.. Servers.Select(s => s.Http.BaseAddress!.Port)];
    }

    public async Task KillServerAsync(int server)
    {
        if (_servers[server] is not { } running) return;
        _servers[server] = null;
        await running.DisposeAsync();
    }

    public Task KillDatabaseAsync() => _mariaDb.KillAsync();

    public Task StartDatabaseAsync() => _mariaDb.StartAgainAsync();

    /// <summary>Calls the legacy endpoint; null without an answer.</summary>
    public async Task<JsonNode?> PluginAsync(string query)
    {
        try
        {
            return JsonNode.Parse(await Http.GetStringAsync($"/plugin.php?id=xinxiu_network_plugin:payjs&key={TransportKey}&{query}"));
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return null;
        }
    }

    /// <summary>Calls the admin API; null without an answer.</summary>
    public async Task<(int Status, JsonNode? Body)?> AdminAsync(HttpMethod method, string path, object? body = null)
    {
        try
        {
            using var request = new HttpRequestMessage(method, "/api/admin/" + path) { Content = body is null ? null : JsonContent.Create(body) };
            using var response = await Http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return null;
        }
    }

    /// <summary>Whether a connection or reply was cut, or the server died. A cut while connecting is a bare SocketException.</summary>
    public static bool IsLoss(Exception exception) => exception is HttpRequestException or IOException or SocketException or TaskCanceledException or JsonException;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        PatientHttp.Dispose();
        for (var server = 0; server < _servers.Length; server++) await KillServerAsync(server);
        await Balancer.DisposeAsync();
        foreach (var wire in Wires) await wire.DisposeAsync();
        await Gateway.DisposeAsync();
        await _mariaDb.DisposeAsync();
    }

    private async Task SetUpAsync()
    {
        await InsistAsync(HttpMethod.Put, "settings", new
        {
            merchantId = SandboxGateway.MerchantId,
            merchantKey = SandboxGateway.MerchantKey,
            notifyBaseUrl = $"http://127.0.0.1:{Balancer.Port}",
            transportKey = TransportKey,
            creditRatios = new[] { 0, Ratio, 0, 0, 0, 0, 0, 0 },
            timeRatio = Ratio,
        });
        await InsistAsync(HttpMethod.Put, "card-rules/9", new { priceFen = 100, credits = 7, tradeCredits = 11, seconds = 13, devices = 1 });
        // Settings reach every server within seconds; until then a server refuses to sell.
        while (true)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PluginAsync("action=payjs_kamis_list")));
            if (answers.All(a => (int?)a?["code"] == 200 && (int)a["count"]! == 1)) return;
            await Task.Delay(100);
        }
    }

    public async Task<JsonNode> InsistAsync(HttpMethod method, string path, object? body = null) =>
        await AdminAsync(method, path, body) is { Status: >= 200 and < 300 } answer
            ? answer.Body!
            : throw new InvalidOperationException($"{method} {path} failed.");
}
