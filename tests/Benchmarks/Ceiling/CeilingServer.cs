using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace PayRecharge.Benchmarks;

/// <summary>
/// The ceilings that the product is measured against, on bare Kestrel: no routing, no logging, no dependency injection. Each call is
/// answered from prebuilt bytes, or by hand-written code on the database's own driver.
/// </summary>
internal static class CeilingServer
{
    public const string Mode = "serve-ceiling";

    /// <summary>Runs until it is killed.</summary>
    public static async Task RunAsync(string address, string provider, string connectionString, string replies)
    {
        var prebuilt = Directory.GetFiles(replies).ToDictionary(file => "/prebuilt/" + Path.GetFileName(file), File.ReadAllBytes);
        var byHand = new HandWritten(await SessionPool.OpenAsync(provider, connectionString));

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false).UseUrls(address);
        var app = builder.Build();
        app.Run(context => context.Request.Path.Value! switch
        {
            "/check" => byHand.CheckAsync(context),
            "/check-in-one-trip" => byHand.CheckInOneTripAsync(context),
            "/check_id" => byHand.ListAsync(context),
            "/notify" => byHand.NotifyAsync(context),
            "/insert" => byHand.InsertAsync(context),
            var path => SendAsync(context, prebuilt[path]),
        });
        await app.RunAsync();
    }

    /// <summary>Sends a body with the legacy endpoint's headers.</summary>
    public static async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var response = Head(context);
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body);
    }

    /// <summary>The same with a body that is serialized now.</summary>
    public static async Task SendAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var response = Head(context);
        using (var json = new Utf8JsonWriter(response.BodyWriter)) write(json);
        response.ContentLength = response.BodyWriter.UnflushedBytes;
        await response.BodyWriter.FlushAsync();
    }

    private static HttpResponse Head(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return response;
    }
}
