using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using PayRecharge.Application.Payments;

namespace PayRecharge.WebApi.Legacy;

/// <summary>Where the original's clients and the gateway call, in all the ways in which Apache with PHP answers there.</summary>
internal static partial class LegacyPaths
{
    private const string Plugin = "/plugin.php";

    // PHP runs the script whatever the method is. Not with CONNECT, whose success would make the connection a tunnel to a proxy.
    private static readonly string[] Methods =
        [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete, HttpMethods.Options];

    /// <summary>
    /// Takes a row of slashes for one, as Apache does. Belongs before the routing. All other paths stay as they are: what a proxy closes
    /// must not be reached by another spelling.
    /// </summary>
    public static void UseLegacyPaths(this WebApplication app)
    {
        var notify = NotifyPaths(app).Values.Select(path => new PathString(path)).ToList();
        app.Use(next => context => Merge(context, notify, next));
    }

    /// <summary>Maps the addresses that clients and gateways call. A limit that is no limit ends the start here.</summary>
    public static void MapLegacy(this WebApplication app)
    {
        // Nearly all calls are of this one, and it does without what stands between routing and here.
        var plugin = app.Services.GetRequiredService<PluginController>();
        app.MapMethods(Plugin, Methods, plugin.AnswerAsync).ShortCircuit().ExcludeFromDescription();
        app.MapMethods(Plugin + "/{**info}", Methods, plugin.AnswerAsync).ShortCircuit().ExcludeFromDescription();
        foreach (var (gateway, path) in NotifyPaths(app))
        {
            app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post],
                (HttpContext context, NotifyController notify) => notify.AnswerAsync(context, gateway)).ExcludeFromDescription();
        }
    }

    private static Dictionary<string, string> NotifyPaths(WebApplication app) =>
        app.Services.GetRequiredService<PaymentGateways>().Codes.ToDictionary(code => code, code => $"/{code}/notify");

    private static Task Merge(HttpContext context, IReadOnlyList<PathString> notify, RequestDelegate next)
    {
        // A proxy may read a target only up to a '#'. HTTP/1 requests never get here with one.
        if (context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Contains('#', StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        }
        var path = context.Request.Path;
        if (path.Value is { } text && text.Contains("//", StringComparison.Ordinal))
        {
            var merged = new PathString(RowOfSlashes().Replace(text, "/"));
            if (merged.StartsWithSegments(Plugin, StringComparison.Ordinal) || notify.Contains(merged))
                context.Request.Path = merged;
        }
        return next(context);
    }

    [GeneratedRegex("/{2,}")]
    private static partial Regex RowOfSlashes();
}
