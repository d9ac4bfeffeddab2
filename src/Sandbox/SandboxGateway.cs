using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace PayRecharge.Sandbox;

/// <summary>A simulated PAYJS gateway for any ASP.NET Core application. Orders live in memory; no money moves.</summary>
public static class SandboxGateway
{
    /// <summary>The sandbox's base path; the gateway's calls are below <c>/sandbox/payjs/api/</c>.</summary>
    public const string BasePath = "/sandbox/payjs";

    /// <summary>
    /// The base path of pages (<c>p/</c>) and code pictures (<c>qrcode/</c>). It is short because shops store an order's <c>code_url</c>
    /// in 64 characters and its <c>qrcode</c> in 128, as PAYJS promises. They fit if scheme, host, port and path base have 37 at most.
    /// </summary>
    internal const string ShortPath = "/sandbox";

    /// <summary>The default merchant number.</summary>
    public const string MerchantId = "1600000001";

    /// <summary>The default merchant key.</summary>
    public const string MerchantKey = "sandbox-key";

    /// <summary>Registers the sandbox. It uses the registered <see cref="TimeProvider"/>, or the system's if none is registered.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the options; the same <see cref="SandboxOptions"/> object may be changed later.</param>
    public static IServiceCollection AddPayjsSandbox(this IServiceCollection services, Action<SandboxOptions>? configure = null)
    {
        var options = new SandboxOptions();
        configure?.Invoke(options);

        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton(options)
            .AddSingleton<OrderBook>()
            .AddSingleton<QuirkSettings>()
            .AddSingleton<PayjsCalls>()
            .AddSingleton<ReplySender>()
            .AddSingleton<NotifySender>()
            .AddSingleton<ReorderGate>()
            .AddSingleton<Notifier>()
            .AddHostedService(provider => provider.GetRequiredService<Notifier>());
    }

    /// <summary>
    /// Maps the gateway's calls, the pay page and the sandbox's own controls below <see cref="BasePath"/>, and the pages and pictures
    /// behind payment codes below <c>/sandbox</c>.
    /// </summary>
    /// <param name="endpoints">The application's endpoints.</param>
    public static IEndpointRouteBuilder MapPayjsSandbox(this IEndpointRouteBuilder endpoints)
    {
        var codes = endpoints.MapGroup(ShortPath).ExcludeFromDescription();
        codes.MapPages();
        codes.MapPictures();
        var group = endpoints.MapGroup(BasePath)
            .ExcludeFromDescription()
            .WithMetadata(new RequestSizeLimitAttribute(64 * 1024));
        group.MapPayjsCalls();
        group.MapOrders();
        group.MapQuirks();
        return endpoints;
    }
}
