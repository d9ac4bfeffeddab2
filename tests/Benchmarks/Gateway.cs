using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using PayRecharge.Sandbox;

namespace PayRecharge.Benchmarks;

/// <summary>The sandbox gateway in this process.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    public const string NativePath = SandboxGateway.BasePath + "/api/native";

    private readonly WebApplication _app;

    private Gateway(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>The <c>Payjs:BaseUrl</c> of the product.</summary>
    public Uri Api => new(Address, SandboxGateway.BasePath + "/api");

    public static async Task<Gateway> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddPayjsSandbox();
        var gateway = new Gateway(builder.Build());
        gateway._app.MapPayjsSandbox();
        await gateway._app.StartAsync();
        return gateway;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
