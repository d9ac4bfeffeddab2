using PayRecharge.Domain.Payments;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>Options of the PAYJS gateway, bound to the configuration section <c>Payjs</c>.</summary>
public sealed class PayjsOptions
{
    /// <summary><c>Live</c> (default) or <c>Sandbox</c>.</summary>
    public GatewayMode Mode { get; set; }

    /// <summary>The absolute address of the gateway's API; absent: PAYJS in live mode, otherwise this server's own sandbox.</summary>
    public Uri? BaseUrl { get; set; }

    /// <summary>Allows live calls to another machine by plain http, where an attacker can read and block replies. Default: false.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// The proxy for calls to the gateway, such as <c>http://10.0.0.1:3128</c> (http or socks5, without a user); absent: no proxy. The
    /// environment variable <c>HTTPS_PROXY</c> is ignored. This machine is always called directly.
    /// </summary>
    public Uri? Proxy { get; set; }

    /// <summary>The most order queries per second of all instances together. 0: this instance sends none.</summary>
    public int ChecksPerSecond { get; set; } = 10;

    /// <summary>This server's address, once it listens; the sandbox is called there and calls back there. Not configured.</summary>
    internal Func<Uri?> OwnAddress { get; set; } = () => null;

    internal bool IsProxied => Proxy is not null && (BaseUrl is not null || Mode == GatewayMode.Live) && !ApiAddress().IsLoopback;

    internal Uri ApiAddress() =>
        BaseUrl ?? (Mode == GatewayMode.Live
            ? new Uri("https://payjs.cn/api")
            : new Uri(OwnAddress() ?? throw new InvalidOperationException("The server does not listen yet."), "/sandbox/payjs/api"));
}
