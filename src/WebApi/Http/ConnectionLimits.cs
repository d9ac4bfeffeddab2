using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PayRecharge.WebApi.Legacy;

namespace PayRecharge.WebApi.Http;

/// <summary>
/// Turns connections away before a byte of them is read: those beyond <c>Kestrel:Limits:MaxConcurrentConnections</c> in all, and of
/// one address those beyond <c>RateLimit:ConnectionsPerAddress</c> (500), or beyond a quarter of all where that is less.
/// <para>
/// Proxies in <c>KnownProxies</c> have no limit of their own, since each of their connections is somebody else. Nor have 127.0.0.1 and
/// ::1: a proxy on the same machine comes from there, also one that nobody named, and whoever else does is already inside.
/// </para>
/// </summary>
internal sealed class ConnectionLimits(long inAll, int perAddress, Func<IPAddress, bool> isProxy, CallLog log)
{
    /// <summary>A process with fewer descriptors is warned about.</summary>
    private const long FewDescriptors = 4096;

    /// <summary>Descriptors that are kept for the database, files and the gateway; at most half of all.</summary>
    private const long Reserve = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _open = [];
    private long _openInAll;

    /// <summary>Reads the limits, and lowers them to what the process's descriptors allow.</summary>
    /// <exception cref="InvalidOperationException"><c>RateLimit:ConnectionsPerAddress</c> is not above 0.</exception>
    public static ConnectionLimits Of(KestrelServerOptions kestrel, IConfiguration configuration)
    {
        var services = kestrel.ApplicationServices;
        var perAddress = CallerLimits.Positive(configuration, "RateLimit:ConnectionsPerAddress", 500);
        var wanted = kestrel.Limits.MaxConcurrentConnections ?? long.MaxValue;
        var descriptors = Descriptors();
        var inAll = long.Min(wanted, descriptors - long.Min(Reserve, descriptors / 2));
        if (descriptors < FewDescriptors)
        {
            services.GetRequiredService<ILogger<ConnectionLimits>>().LogWarning(
                "The process may have only {Descriptors} files and connections open, so it takes {Connections} connections at once. Raise the limit to 65536 (LimitNOFILE in systemd, ulimit -n in a shell).",
                descriptors, inAll);
        }
        // Counted here instead: Kestrel logs a line for each connection that it turns away.
        kestrel.Limits.MaxConcurrentConnections = null;
        var proxies = Callers.ProxiesIn(configuration);
        return new(inAll, (int)long.Min(perAddress, long.Max(1, inAll / 4)), proxies.Trusts, services.GetRequiredService<CallLog>());
    }

    /// <summary>Belongs into ConfigureEndpointDefaults, before whatever reads.</summary>
    public void Guard(ListenOptions listen) => listen.Use(next => async connection =>
    {
        var peer = Callers.Plain((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.Loopback);
        if (!TryOpen(peer))
        {
            await connection.DisposeAsync();
            return;
        }
        try
        {
            await next(connection);
        }
        finally
        {
            Close(peer);
        }
    });

    /// <summary>Takes a place for a connection, if there is one.</summary>
    internal bool TryOpen(IPAddress peer)
    {
        string reason;
        lock (_gate)
        {
            var prefix = Callers.PrefixOf(peer);
            var open = _open.GetValueOrDefault(prefix);
            if (_openInAll >= inAll) reason = "too many connections are open";
            else if (open >= perAddress && IsLimited(peer)) reason = "the address has too many connections";
            else
            {
                _openInAll++;
                _open[prefix] = open + 1;
                return true;
            }
        }
        log.Refused(peer, reason);
        return false;
    }

    /// <summary>Gives the place back.</summary>
    internal void Close(IPAddress peer)
    {
        lock (_gate)
        {
            var prefix = Callers.PrefixOf(peer);
            _openInAll--;
            if (--_open[prefix] == 0) _open.Remove(prefix);
        }
    }

    private bool IsLimited(IPAddress peer) => !peer.Equals(IPAddress.Loopback) && !peer.Equals(IPAddress.IPv6Loopback) && !isProxy(peer);

    // The runtime has raised the soft limit to the hard one by now, so this is what there is.
    private static long Descriptors()
    {
        const string file = "/proc/self/limits", name = "Max open files";
        if (!File.Exists(file)) return long.MaxValue;
        var line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.TryParse(line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture, out var limit) ? limit : long.MaxValue;
    }
}
