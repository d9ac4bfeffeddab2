using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using PayRecharge.Sandbox;

namespace PayRecharge.Chaos;

/// <summary>The sandbox gateway in this process; it can be made faulty or dead.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private volatile bool _dead;

    private Gateway(WebApplication app)
    {
        _app = app;
        // Runs before the sandbox: only the servers' calls fail while it is dead.
        app.Use(async (context, next) =>
        {
            if (_dead && context.Request.Path.StartsWithSegments(SandboxGateway.BasePath + "/api", StringComparison.Ordinal)) context.Abort();
            else await next(context);
        });
        app.MapPayjsSandbox();
        _http = new HttpClient();
    }

    public Uri Api => new(_http.BaseAddress!, "api");

    public bool Dead { set => _dead = value; }

    public static async Task<Gateway> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddPayjsSandbox(options => options.MaxOrders = int.MaxValue);
        var gateway = new Gateway(builder.Build());
        await gateway._app.StartAsync();
        gateway._http.BaseAddress = new Uri(gateway._app.Urls.Single() + SandboxGateway.BasePath + "/");
        return gateway;
    }

    /// <summary>Sets the quirks; an empty object resets them.</summary>
    public async Task SetQuirksAsync(JsonObject quirks) => (await _http.PutAsJsonAsync("quirks", quirks)).EnsureSuccessStatusCode();

    /// <summary>Pays an order, if it can be paid.</summary>
    /// <returns>The order's state at the gateway afterwards.</returns>
    public async Task<GatewayOrder> PayAsync(string id)
    {
        using var response = await _http.PostAsync($"orders/{id}/pay", null);
        return GatewayOrder.Of((await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    /// <summary>Sends an order's notification again.</summary>
    public async Task NotifyAsync(string id) => (await _http.PostAsync($"orders/{id}/notify", null)).EnsureSuccessStatusCode();

    /// <summary>The newest hundred orders.</summary>
    public async Task<List<GatewayOrder>> NewestAsync() =>
        [.. (await _http.GetFromJsonAsync<JsonArray>("orders"))!.Select(o => GatewayOrder.Of(o!))];

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>An order as the gateway reports it.</summary>
internal sealed record GatewayOrder(string Id, string Number, long Fen, string State, DateTimeOffset Created, IReadOnlyList<(string Kind, int? Status, string? Error)> Attempts)
{
    public static GatewayOrder Of(JsonNode order) => new(
        (string)order["payjs_order_id"]!, (string)order["out_trade_no"]!, (long)order["total_fee"]!, (string)order["state"]!,
        DateTimeOffset.Parse((string)order["created"]!, CultureInfo.InvariantCulture),
        [.. order["attempts"]!.AsArray().Select(a => ((string)a!["kind"]!, (int?)a["status"], (string?)a["error"]))]);
}
