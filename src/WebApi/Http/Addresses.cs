namespace PayRecharge.WebApi.Http;

/// <summary>The server's public addresses and, with <c>Admin:Urls</c>, its separate admin addresses.</summary>
internal static class Addresses
{
    private const string Default = "http://127.0.0.1:5080";

    /// <summary>
    /// Sets the addresses from <c>urls</c>, <c>http_ports</c>, <c>https_ports</c> or <c>Kestrel:Endpoints</c>, by default
    /// <c>http://127.0.0.1:5080</c>, and adds those of <c>Admin:Urls</c>, separated by <c>;</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException">An address of <c>Admin:Urls</c> is invalid, or its port is also public.</exception>
    public static void UseAddresses(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var admin = AdminUrls(configuration["Admin:Urls"]);
        if (configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            RequirePortsOfTheirOwn(admin, configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>());
            // Configured endpoints replace all other addresses, so the admin addresses must be endpoints too.
            for (var i = 0; i < admin.Length; i++) configuration[$"Kestrel:Endpoints:Admin{i}:Url"] = admin[i];
            return;
        }
        string[] all = configuration["urls"] is { Length: > 0 } urls ? Split(urls) : [.. Ports(configuration, "http"), .. Ports(configuration, "https")];
        if (all.Length == 0) all = [Default];
        RequirePortsOfTheirOwn(admin, all);
        builder.WebHost.UseUrls([.. all, .. admin]);
    }

    /// <summary>
    /// With <c>Admin:Urls</c>, hides admin endpoints (<see cref="ForAdmins"/>) on every other port. The connection's port decides, since
    /// callers can forge the Host header.
    /// </summary>
    public static void UseAdminAddresses(this WebApplication app)
    {
        var ports = AdminUrls(app.Configuration["Admin:Urls"]).Select(url => BindingAddress.Parse(url).Port).ToHashSet();
        if (ports.Count == 0) return;
        app.Use((context, next) =>
        {
            if (context.GetEndpoint()?.Metadata.GetMetadata<ForAdmins>() is null || ports.Contains(context.Connection.LocalPort)) return next(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>The first admin address; null without <c>Admin:Urls</c>.</summary>
    public static Uri? ForAdmins(IConfiguration configuration) =>
        AdminUrls(configuration["Admin:Urls"]) is [var first, ..] ? FromHere(first) : null;

    /// <summary>Converts a listening address into one that this machine can call.</summary>
    public static Uri FromHere(string address) => new(address.Replace("://*", "://127.0.0.1", StringComparison.Ordinal).Replace("://+", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal).Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal));

    // Only the port identifies an admin connection.
    private static void RequirePortsOfTheirOwn(string[] admin, IEnumerable<string> everybody)
    {
        var ports = everybody.Select(url => BindingAddress.Parse(url).Port).ToHashSet();
        if (Array.Find(admin, url => ports.Contains(BindingAddress.Parse(url).Port)) is { } shared)
            throw new InvalidOperationException($"Admin:Urls names '{shared}', whose port is open to everybody. Give admins a port of their own.");
    }

    private static string[] AdminUrls(string? setting)
    {
        var urls = Split(setting ?? "");
        foreach (var url in urls)
        {
            if (!Uri.TryCreate(url.Replace("://*", "://any", StringComparison.Ordinal).Replace("://+", "://any", StringComparison.Ordinal), UriKind.Absolute, out var parsed)
                || parsed is not { Scheme: "http" or "https", Port: > 0, PathAndQuery: "/" })
                throw new InvalidOperationException($"Admin:Urls names '{url}'; an address looks like http://127.0.0.1:5081.");
        }
        return urls;
    }

    private static IEnumerable<string> Ports(ConfigurationManager configuration, string scheme) => Split(configuration[scheme + "_ports"] ?? "").Select(port => $"{scheme}://*:{port}");

    private static string[] Split(string addresses) => addresses.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>Marks an endpoint that only admins use.</summary>
internal sealed class ForAdmins;
