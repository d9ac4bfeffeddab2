using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using PayRecharge.Application.Payments;

namespace PayRecharge.WebApi.Legacy;

/// <summary>The paths that the original's clients and the gateways call, in every form that Apache with PHP accepts.</summary>
internal static partial class LegacyPaths
{
    private const string Plugin = "/plugin.php";

    // PHP runs the script for every method. CONNECT is left out: its success would make a proxy turn the connection into a tunnel.
    private static readonly string[] Methods =
        [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete, HttpMethods.Options];

    /// <summary>
    /// Merges repeated slashes, as Apache does. Must run before routing. All other paths stay unchanged: a path that a proxy blocks must
    /// not be reachable by another spelling.
    /// </summary>
    public static void UseLegacyPaths(this WebApplication app)
    {
        var notify = NotifyPaths(app).Values.Select(path => new PathString(path)).ToList();
        app.Use(next => context => Merge(context, notify, next));
    }

    /// <summary>Maps the paths that clients and gateways call. An invalid limit aborts start-up here.</summary>
    public static void MapLegacy(this WebApplication app)
    {
        // Nearly all calls come here, and they need no middleware after routing.
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
        // A proxy may read a target only up to a '#'. HTTP/1 requests with a '#' never get here.
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
