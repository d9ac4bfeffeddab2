using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PayRecharge.Application.Payments;
using PayRecharge.Infrastructure.Persistence;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>The product on real Kestrel and a real database, in this process.</summary>
internal sealed class TestServer : WebApplicationFactory<Program>
{
    public const string AdminKey = ServerProcess.AdminKey;
    public const string PluginPath = "/plugin.php?id=xinxiu_network_plugin:payjs";

    private readonly Database _database;
    private readonly TimeProvider? _clock;
    private readonly Dictionary<string, string> _settings;
    private readonly IPaymentGateway? _second;

    private TestServer(Database database, TimeProvider? clock, Dictionary<string, string> settings, IPaymentGateway? second)
    {
        _second = second;
        _database = database;
        _clock = clock;
        _settings = settings;
        UseKestrel();
        Http = null!;
    }

    public HttpClient Http { get; private set; }

    public Uri Address => Http.BaseAddress!;

    public CapturedLog Log { get; } = new();

    /// <summary>Starts a server.</summary>
    /// <param name="database">The database; the server does not dispose it.</param>
    /// <param name="gateway">The address of the gateway's API, for live mode; absent: the server's own sandbox.</param>
    /// <param name="clock">The clock; absent: the real one.</param>
    /// <param name="more">More configuration.</param>
    public static TestServer Start(Database database, Uri? gateway = null, TimeProvider? clock = null, params (string Name, string Value)[] more) =>
        StartWith(null, database, gateway, clock, more);

    /// <summary>Starts a server that has a second gateway.</summary>
    public static TestServer StartWith(
        IPaymentGateway? second, Database database, Uri? gateway = null, TimeProvider? clock = null, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["Database:Provider"] = database.Provider,
            ["ConnectionStrings:PayRecharge"] = database.ConnectionString,
            ["Data:KeysFolder"] = Database.KeysFolder,
            ["Payjs:Mode"] = gateway is null ? "Sandbox" : "Live",
            ["Admin:ApiKey"] = AdminKey,
            // A setting, since the factory would set a port when the server may already have started.
            ["urls"] = "http://127.0.0.1:0",
            ["RateLimit:PerSecond"] = "100000",
            ["RateLimit:Burst"] = "100000",
            ["RateLimit:OrderPerSecond"] = "100000",
            ["RateLimit:OrderBurst"] = "100000",
            ["RateLimit:UnknownOrdersPerMinute"] = "100000",
            ["RateLimit:OpenOrdersPerUser"] = "0",
            ["RateLimit:OpenOrdersPerAddress"] = "0",
            ["RateLimit:UnknownKamisPerMinute"] = "100000",
            ["RateLimit:FailedOrdersPerMinute"] = "100000",
        };
        if (gateway is not null) settings["Payjs:BaseUrl"] = gateway.ToString();
        foreach (var (name, value) in more) settings[name] = value;
        var server = new TestServer(database, clock, settings, second);
        try
        {
            server.StartServer();
        }
        catch
        {
            server.Dispose();
            throw;
        }
        server.Http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = new Uri(server.ClientOptions.BaseAddress.ToString().Replace("[::]", "127.0.0.1", StringComparison.Ordinal)) };
        return server;
    }

    /// <summary>Calls the legacy endpoint and returns the raw reply.</summary>
    public async Task<string> PluginTextAsync(string query)
    {
        using var response = await Http.GetAsync(PluginPath + query);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), "every reply of this endpoint is HTTP 200");
        return await response.Content.ReadAsStringAsync();
    }

    public async Task<JsonNode> PluginAsync(string query) => JsonNode.Parse(await PluginTextAsync(query))!;

    /// <summary>Calls the admin API.</summary>
    public async Task<(HttpStatusCode Status, JsonNode? Body)> AdminAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, "/api/admin/" + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
        if (body is not null) request.Content = JsonContent.Create(body, options: JsonSerializerOptions.Web);
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    /// <summary>Changes the settings and asserts success.</summary>
    public async Task SaveSettingsAsync(object change)
    {
        var (status, body) = await AdminAsync(HttpMethod.Put, "settings", change);
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), body?.ToJsonString());
    }

    /// <summary>Posts a notice and repeats it on 503.</summary>
    public Task<(HttpStatusCode Status, string Text)> NotifyAsync(IReadOnlyCollection<KeyValuePair<string, string>> fields) => ReadAsync(Http.NotifyAsync(fields));

    /// <summary>Posts a notice once.</summary>
    public Task<(HttpStatusCode Status, string Text)> NotifyOnceAsync(IReadOnlyCollection<KeyValuePair<string, string>> fields) => ReadAsync(Http.NotifyOnceAsync(fields));

    /// <summary>Reads or prepares the database.</summary>
    public async Task<T> WithDbAsync<T>(Func<RechargeDbContext, Task<T>> look)
    {
        await using var scope = Services.CreateAsyncScope();
        return await look(scope.ServiceProvider.GetRequiredService<RechargeDbContext>());
    }

    public override async ValueTask DisposeAsync()
    {
        var disposing = base.DisposeAsync().AsTask();
        // Work that waits for the clock, such as a gateway retry, would block the shutdown forever.
        while (_clock is FakeTimeProvider clock && !disposing.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(disposing, Task.Delay(20));
        }
        await disposing;
    }

    private static async Task<(HttpStatusCode Status, string Text)> ReadAsync(Task<HttpResponseMessage> call)
    {
        using var response = await call;
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        foreach (var (name, value) in _settings) builder.UseSetting(name, value);
        builder.ConfigureLogging(logging => logging.AddProvider(Log));
        if (_second is not null) builder.ConfigureServices(services => services.AddSingleton(_second));
        if (_clock is not null) builder.ConfigureServices(services => services.AddSingleton(_clock));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Http?.Dispose();
        base.Dispose(disposing);
    }
}
