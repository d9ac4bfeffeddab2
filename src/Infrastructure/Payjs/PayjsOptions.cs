using PayRecharge.Domain.Payments;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>Which gateway to talk to. Bound to the configuration's section <c>Payjs</c>.</summary>
public sealed class PayjsOptions
{
    /// <summary><c>Live</c> (default) or <c>Sandbox</c>.</summary>
    public GatewayMode Mode { get; set; }

    /// <summary>Where the gateway's calls are, absolute; absent: PAYJS itself in live mode, this server's own sandbox otherwise.</summary>
    public Uri? BaseUrl { get; set; }

    /// <summary>Where this server listens, known once it does; the sandbox is called and calls back there. Not configured.</summary>
    internal Func<Uri?> OwnAddress { get; set; } = () => null;

    internal Uri ApiAddress() =>
        BaseUrl ?? (Mode == GatewayMode.Live
            ? new Uri("https://payjs.cn/api")
            : new Uri(OwnAddress() ?? throw new InvalidOperationException("The server does not listen yet."), "/sandbox/payjs/api"));
}
