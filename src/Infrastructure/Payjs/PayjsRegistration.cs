using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PayRecharge.Application.Payments;
using PayRecharge.Domain.Payments;
using Polly;
using Refit;

namespace PayRecharge.Infrastructure.Payjs;

internal static class PayjsRegistration
{
    public static void AddPayjs(this IServiceCollection services, IConfiguration configuration, Func<IServiceProvider, Uri?> ownAddress)
    {
        services.AddOptions<PayjsOptions>().Bind(configuration.GetSection("Payjs"))
            .Configure<IServiceProvider>((options, provider) => options.OwnAddress = () => ownAddress(provider))
            .Validate(o => o.BaseUrl is null or { IsAbsoluteUri: true, Scheme: "http" or "https" }, "Payjs:BaseUrl must be an http or https address.")
            .Validate(
                o => o is { Mode: not GatewayMode.Live } or { AllowHttp: true } or { BaseUrl: null or { IsAbsoluteUri: false } or { Scheme: not "http" } or { IsLoopback: true } },
                "Payjs:BaseUrl is plain http to another machine, and the money is real. Use https, or set Payjs:AllowHttp to true.")
            .Validate(
                o => o.Proxy is null or { IsAbsoluteUri: true, Scheme: "http" or "socks5", UserInfo: "" },
                "Payjs:Proxy must be an http or socks5 address without a user, such as http://10.0.0.1:3128.")
            .ValidateOnStart();
        // A singleton client: its connections are renewed below.
        services.AddSingleton<IPaymentGateway, PayjsGateway>();
        // Created at the first call: the sandbox's address is known only once the server listens.
        services.AddSingleton(provider => new Lazy<IPayjsApi>(provider.GetRequiredService<IPayjsApi>));
        services.AddTransient<WholeReply>();
        // Shared: by default every client creates its own settings, and with them its own JSON metadata.
        var client = services.AddRefitGeneratedClient<IPayjsApi>(new RefitSettings());
        client
            .ConfigureHttpClient((provider, client) => client.BaseAddress = provider.GetRequiredService<IOptions<PayjsOptions>>().Value.ApiAddress())
            .ConfigurePrimaryHttpMessageHandler(provider =>
            {
                var payjs = provider.GetRequiredService<IOptions<PayjsOptions>>().Value;
                return new SocketsHttpHandler
                {
                    AllowAutoRedirect = false,
                    UseCookies = false,
                    // By default it takes a proxy from the environment, even for a call to this server.
                    UseProxy = payjs.IsProxied,
                    Proxy = payjs.IsProxied ? new WebProxy(payjs.Proxy) : null,
                    AutomaticDecompression = DecompressionMethods.All,
                    ConnectTimeout = TimeSpan.FromSeconds(3),
                    PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                };
            })
            // A failed call is logged in one line where it is refused. These would add stack traces.
            .RemoveAllLoggers()
            // No circuit breaker: its state would be shared, so failing orders of one buyer would block the orders of all buyers.
            // Each call times out after 8 seconds, orders have limits per address, and queries have their own rate.
            .AddResilienceHandler("payjs", pipeline => pipeline
                .ConfigureTelemetry(NullLoggerFactory.Instance)
                .AddTimeout(TimeSpan.FromSeconds(8))
                .AddRetry(new HttpRetryStrategyOptions
                {
                    MaxRetryAttempts = 1,
                    Delay = TimeSpan.FromMilliseconds(200),
                    // A second native call could create a second order at the gateway.
                    ShouldHandle = args => ValueTask.FromResult(
                        args.Context.GetRequestMessage()?.RequestUri?.AbsolutePath.EndsWith(IPayjsApi.NativePath, StringComparison.Ordinal) == false
                        && HttpClientResiliencePredicates.IsTransient(args.Outcome)),
                }));
        // Added last, so innermost: inside the timeout and the retry.
        client.AddHttpMessageHandler<WholeReply>();
    }
}
