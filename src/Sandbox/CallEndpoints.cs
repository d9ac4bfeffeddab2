using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayRecharge.Sandbox;

internal static class CallEndpoints
{
    public static void MapPayjsCalls(this IEndpointRouteBuilder endpoints)
    {
        foreach (var call in Enum.GetValues<PayjsCall>())
        {
            // Read-only calls also accept GET, with the fields in the query string.
            string[] methods = call is PayjsCall.Check or PayjsCall.Info ? [HttpMethods.Post, HttpMethods.Get] : [HttpMethods.Post];
            endpoints.MapMethods($"/api/{call.ToString().ToLowerInvariant()}", methods, async (HttpContext context, PayjsCalls calls, ReplySender sender) =>
            {
                var fields = await RequestFields.ReadAsync(context.Request);
                var reply = fields is null ? Reply.Refused("参数错误") : calls.Answer(call, fields, Address(context.Request));
                await sender.SendAsync(context, call, reply);
            });
        }
    }

    public static void MapPictures(this IEndpointRouteBuilder endpoints) =>
        // The picture's name is Base64 and may contain slashes; some clients escape them.
        endpoints.MapGet("/qrcode/{**name}", (string? name) =>
            QrCode.Draw(Uri.UnescapeDataString(name ?? "")) is { } png ? Results.Bytes(png, "image/png") : Results.NotFound());

    private static string Address(HttpRequest request) =>
        $"{request.Scheme}://{request.Host}{request.PathBase}{SandboxGateway.ShortPath}";
}
