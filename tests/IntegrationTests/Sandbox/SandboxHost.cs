using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PayRecharge.IntegrationTests.Support;
using PayRecharge.Sandbox;

namespace PayRecharge.IntegrationTests.Sandbox;

/// <summary>The sandbox on a real socket, and a client that signs like a merchant.</summary>
internal sealed class SandboxHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Eventually.Patience;
    private readonly WebApplication app;
    private int orders;

    private SandboxHost(WebApplication app)
    {
        this.app = app;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
        {
            BaseAddress = new Uri(app.Urls.Single()),
            Timeout = Patience,
        };
    }

    public HttpClient Client { get; }

    public SandboxOptions Options => app.Services.GetRequiredService<SandboxOptions>();

    public static async Task<SandboxHost> StartAsync(TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (clock is not null)
            builder.Services.AddSingleton(clock);
        // No limit, so that a shutdown that waits is noticed.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.Services.AddPayjsSandbox();
        var app = builder.Build();
        app.MapPayjsSandbox();
        await app.StartAsync();
        return new SandboxHost(app);
    }

    public Task StopAsync() => app.StopAsync();

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
            await Task.Delay(5, patience.Token);
    }

    public Dictionary<string, string> Native(string? notifyUrl = null)
    {
        var fields = new Dictionary<string, string>
        {
            ["mchid"] = "1600000001",
            ["total_fee"] = "1990",
            ["out_trade_no"] = $"CZ{Interlocked.Increment(ref orders)}",
        };
        if (notifyUrl is not null)
            fields["notify_url"] = notifyUrl;
        return fields;
    }

    public Dictionary<string, string> Signed(Dictionary<string, string> fields) =>
        new(fields) { ["sign"] = Signature.Of(fields, Options.MerchantKey) };

    public Task<HttpResponseMessage> PostAsync(string call, Dictionary<string, string> fields) =>
        Client.PostAsync($"/sandbox/payjs/api/{call}", new FormUrlEncodedContent(Signed(fields)));

    public async Task<string> TextAsync(string call, Dictionary<string, string> fields)
    {
        using var response = await PostAsync(call, fields);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    public async Task<JsonObject> CallAsync(string call, Dictionary<string, string> fields) =>
        JsonNode.Parse(await TextAsync(call, fields))!.AsObject();

    public Task<JsonObject> CallAsync(string call, string id) => CallAsync(call, new Dictionary<string, string> { ["payjs_order_id"] = id });

    public async Task<string> OrderAsync(Dictionary<string, string>? fields = null) =>
        (string)(await CallAsync("native", fields ?? Native()))["payjs_order_id"]!;

    public Task<HttpResponseMessage> PayAsync(string id) => Client.PostAsync($"/sandbox/payjs/orders/{id}/pay", null);

    public async Task<string> PaidOrderAsync(string? notifyUrl = null)
    {
        var id = await OrderAsync(Native(notifyUrl));
        using var response = await PayAsync(id);
        response.EnsureSuccessStatusCode();
        return id;
    }

    public async Task<JsonArray> OrdersAsync() =>
        JsonNode.Parse(await Client.GetStringAsync("/sandbox/payjs/orders"))!.AsArray();

    public async Task<JsonObject[]> AttemptsAsync(string id) =>
        [.. (await OrdersAsync()).Single(order => (string?)order!["payjs_order_id"] == id)!["attempts"]!.AsArray().Select(a => a!.AsObject())];

    public Task HoldsANotificationAsync() =>
        UntilAsync(() => Task.FromResult(app.Services.GetRequiredService<ReorderGate>().IsHolding));

    public async Task QuirksAsync(object quirks) =>
        (await Client.PutAsJsonAsync("/sandbox/payjs/quirks", quirks)).EnsureSuccessStatusCode();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }
}
