using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;

namespace PayRecharge.WebApi.Legacy;

/// <summary>Where the original's clients and the gateway call, in all the ways in which Apache with PHP answers there.</summary>
internal static partial class LegacyPaths
{
    private const string Plugin = "/plugin.php";
    private const string Notify = "/payjs/notify";

    // PHP runs the script whatever the method is. Not with CONNECT, whose success would make the connection a tunnel to a proxy.
    private static readonly string[] Methods =
        [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete, HttpMethods.Options];

    /// <summary>
    /// Takes a row of slashes for one, as Apache does. Belongs before the routing. All other paths stay as they are: what a proxy closes
    /// must not be reached by another spelling.
    /// </summary>
    public static IApplicationBuilder UseLegacyPaths(this IApplicationBuilder app) => app.Use(next => context =>
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
            if (merged.StartsWithSegments(Plugin, StringComparison.Ordinal) || merged == Notify)
                context.Request.Path = merged;
        }
        return next(context);
    });

    /// <summary>Maps the two addresses. A limit that is no limit ends the start here.</summary>
    public static void MapLegacy(this WebApplication app)
    {
        // Nearly all calls are of this one, and it does without what stands between routing and here.
        var plugin = app.Services.GetRequiredService<PluginController>();
        app.MapMethods(Plugin, Methods, plugin.AnswerAsync).ShortCircuit().ExcludeFromDescription();
        app.MapMethods(Plugin + "/{**info}", Methods, plugin.AnswerAsync).ShortCircuit().ExcludeFromDescription();
        app.MapMethods(Notify, [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post],
            (HttpContext context, PayjsNotifyController notify) => notify.AnswerAsync(context)).ExcludeFromDescription();
    }

    [GeneratedRegex("/{2,}")]
    private static partial Regex RowOfSlashes();
}
