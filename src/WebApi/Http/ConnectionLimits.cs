using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PayRecharge.WebApi.Legacy;

namespace PayRecharge.WebApi.Http;

/// <summary>
/// Closes excess connections before reading a byte: in total those beyond <c>Kestrel:Limits:MaxConcurrentConnections</c>, and per address
/// those beyond <c>RateLimit:ConnectionsPerAddress</c> (500), or beyond a quarter of the total limit if that is less.
/// <para>
/// Proxies in <c>KnownProxies</c> have no limit per address, since each of their connections is a different client. Neither have 127.0.0.1
/// and ::1: a proxy on this machine connects from there, even if it is not in the list, and any other local client is already inside.
/// </para>
/// </summary>
internal sealed class ConnectionLimits(long inAll, int perAddress, Func<IPAddress, bool> isProxy, CallLog log)
{
    /// <summary>Below this number of file descriptors, a warning is logged.</summary>
    private const long FewDescriptors = 4096;

    /// <summary>File descriptors reserved for the database, files and the gateway; at most half of all.</summary>
    private const long Reserve = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _open = [];
    private long _openInAll;

    /// <summary>Reads the limits and lowers them to fit the process's file descriptors.</summary>
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
        // Enforced here instead: Kestrel logs a line for each connection that it rejects.
        kestrel.Limits.MaxConcurrentConnections = null;
        var proxies = Callers.ProxiesIn(configuration);
        return new(inAll, (int)long.Min(perAddress, long.Max(1, inAll / 4)), proxies.Trusts, services.GetRequiredService<CallLog>());
    }

    /// <summary>Call it in ConfigureEndpointDefaults, before anything that reads.</summary>
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

    /// <summary>Reserves a place for a connection, if one is free.</summary>
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

    /// <summary>Frees the place.</summary>
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

    // The runtime has already raised this soft limit to the hard limit.
    private static long Descriptors()
    {
        const string file = "/proc/self/limits", name = "Max open files";
        if (!File.Exists(file)) return long.MaxValue;
        var line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.TryParse(line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture, out var limit) ? limit : long.MaxValue;
    }
}
