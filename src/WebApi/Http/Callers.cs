using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.HttpOverrides;
using PayRecharge.Application.Settings;

namespace PayRecharge.WebApi.Http;

/// <summary>The caller's address: the connection's peer, or the address that a known proxy reports.</summary>
internal static class Callers
{
    /// <summary>
    /// Trusts <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> only from the proxies in <c>KnownProxies</c>: addresses and networks
    /// such as 10.0.0.0/8, separated by commas. By default no proxy is known.
    /// </summary>
    /// <exception cref="InvalidOperationException">An entry is invalid, or a setting would trust every caller.</exception>
    public static void UseKnownProxies(this WebApplication app)
    {
        if (app.Configuration.GetValue("ForwardedHeaders_Enabled", false))
            throw new InvalidOperationException("ASPNETCORE_FORWARDEDHEADERS_ENABLED believes every caller's X-Forwarded-For: remove it and name your proxies in KnownProxies.");
        var options = ProxiesIn(app.Configuration);
        // With an empty list the middleware would trust every caller.
        if (options.KnownProxies.Count + options.KnownIPNetworks.Count > 0) app.UseForwardedHeaders(options);
        WarnOfUnknownProxy(app);
    }

    /// <summary>Reads <c>KnownProxies</c>.</summary>
    /// <exception cref="InvalidOperationException">An entry is neither an address nor a network.</exception>
    public static ForwardedHeadersOptions ProxiesIn(IConfiguration configuration)
    {
        // Every proxy in a chain must be known, so their number needs no limit.
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        var setting = configuration.GetSection("KnownProxies");
        foreach (var known in setting.GetChildren().Prepend(setting).SelectMany(s => (s.Value ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)))
        {
            if (AddressRange.TryParse(known, out var range)) options.KnownIPNetworks.Add(range);
            else throw new InvalidOperationException($"KnownProxies names '{known}', which is no address and no network such as 10.0.0.0/8.");
        }
        return options;
    }

    /// <summary>Warns once about an unknown proxy: all callers behind it share one caller's limits.</summary>
    private static void WarnOfUnknownProxy(WebApplication app)
    {
        var warned = 0;
        app.Use((context, next) =>
        {
            // For a known proxy, the middleware has set X-Original-For by now.
            if (warned == 0 && context.Request.Headers.ContainsKey(ForwardedHeadersDefaults.XForwardedForHeaderName)
                && !context.Request.Headers.ContainsKey(ForwardedHeadersDefaults.XOriginalForHeaderName) && Interlocked.Exchange(ref warned, 1) == 0)
            {
                app.Logger.LogWarning("{Peer} sends X-Forwarded-For and KnownProxies does not name it, so all who call through it count as one caller. If it is your proxy, name it in KnownProxies.", AddressOf(context));
            }
            return next(context);
        });
    }

    /// <summary>Whether an address is one of the proxies.</summary>
    public static bool Trusts(this ForwardedHeadersOptions proxies, IPAddress address) =>
        proxies.KnownIPNetworks.Any(network => network.Contains(Plain(address)));

    /// <summary>The caller's address. An IPv4 address stays IPv4, even on an IPv6 socket.</summary>
    public static IPAddress AddressOf(HttpContext context) => Plain(context.Connection.RemoteIpAddress ?? IPAddress.None);

    /// <summary>
    /// The prefix that counts as one caller: an IPv4 address, or an IPv6 /64, since a client with one of its addresses has all.
    /// </summary>
    public static IPAddress PrefixOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress([.. address.GetAddressBytes()[..8], 0, 0, 0, 0, 0, 0, 0, 0]) : address;

    /// <summary>Converts an IPv4-mapped IPv6 address to IPv4; returns any other unchanged.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
