using PayRecharge.Domain.Payments;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>Which gateway to talk to. Bound to the configuration's section <c>Payjs</c>.</summary>
public sealed class PayjsOptions
{
    /// <summary><c>Live</c> (default) or <c>Sandbox</c>.</summary>
    public GatewayMode Mode { get; set; }

    /// <summary>Where the gateway's calls are, absolute; absent: PAYJS itself in live mode, this server's own sandbox otherwise.</summary>
    public Uri? BaseUrl { get; set; }

    /// <summary>Whether live calls may go over plain http to another machine, where anybody on the way could read and hold back replies. False by default.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// The proxy for calls to the gateway, such as <c>http://10.0.0.1:3128</c> (http or socks5, without a user). Absent: none; what the
    /// environment says (<c>HTTPS_PROXY</c>) does not count. This machine is always called directly.
    /// </summary>
    public Uri? Proxy { get; set; }

    /// <summary>How many questions a second all instances together ask about orders. 0 has this instance ask none.</summary>
    public int ChecksPerSecond { get; set; } = 10;

    /// <summary>Where this server listens, known once it does; the sandbox is called and calls back there. Not configured.</summary>
    internal Func<Uri?> OwnAddress { get; set; } = () => null;

    internal bool IsProxied => Proxy is not null && (BaseUrl is not null || Mode == GatewayMode.Live) && !ApiAddress().IsLoopback;

    internal Uri ApiAddress() =>
        BaseUrl ?? (Mode == GatewayMode.Live
            ? new Uri("https://payjs.cn/api")
            : new Uri(OwnAddress() ?? throw new InvalidOperationException("The server does not listen yet."), "/sandbox/payjs/api"));
}
