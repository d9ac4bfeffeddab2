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
        // Always the same client: its connections are renewed below.
        services.AddSingleton<IPaymentGateway, PayjsGateway>();
        // Created at the first call: the sandbox's address is known only when the server listens.
        services.AddSingleton(provider => new Lazy<IPayjsApi>(provider.GetRequiredService<IPayjsApi>));
        services.AddTransient<WholeReply>();
        // Left to itself every client would make its own, and with it all that is known of how to read and write JSON.
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
                    // Left to itself it asks the environment for a proxy, even for a call to this very server.
                    UseProxy = payjs.IsProxied,
                    Proxy = payjs.IsProxied ? new WebProxy(payjs.Proxy) : null,
                    AutomaticDecompression = DecompressionMethods.All,
                    ConnectTimeout = TimeSpan.FromSeconds(3),
                    PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                };
            })
            // A lost call is one line where its message is refused. These would add stack traces to it.
            .RemoveAllLoggers()
            // No circuit breaker: its state would be shared, so orders of one buyer on which the gateway hangs up would refuse everybody's.
            // Each call ends by itself in 8 seconds, orders have limits by address, and questions a rate of their own.
            .AddResilienceHandler("payjs", pipeline => pipeline
                .ConfigureTelemetry(NullLoggerFactory.Instance)
                .AddTimeout(TimeSpan.FromSeconds(8))
                .AddRetry(new HttpRetryStrategyOptions
                {
                    MaxRetryAttempts = 1,
                    Delay = TimeSpan.FromMilliseconds(200),
                    // A second native call could make a second order at the gateway.
                    ShouldHandle = args => ValueTask.FromResult(
                        args.Context.GetRequestMessage()?.RequestUri?.AbsolutePath.EndsWith(IPayjsApi.NativePath, StringComparison.Ordinal) == false
                        && HttpClientResiliencePredicates.IsTransient(args.Outcome)),
                }));
        // Added last, so innermost: within what is timed and retried.
        client.AddHttpMessageHandler<WholeReply>();
    }
}
