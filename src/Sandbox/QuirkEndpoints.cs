using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayRecharge.Sandbox;

internal static class QuirkEndpoints
{
    // Strict: if a misspelt quirk were ignored, a test would pass without testing anything.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    public static void MapQuirks(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/quirks", (QuirkSettings settings) => Results.Json(settings.Current, Json));
        endpoints.MapPut("/quirks", async (HttpRequest request, QuirkSettings settings) =>
        {
            try
            {
                var quirks = await JsonSerializer.DeserializeAsync<Quirks>(request.Body, Json, request.HttpContext.RequestAborted);
                if (quirks?.AreInRange() != true)
                    return Results.Problem("A quirk is out of range.", statusCode: StatusCodes.Status400BadRequest);

                settings.Current = quirks;
                return Results.Json(quirks, Json);
            }
            catch (JsonException fault)
            {
                return Results.Problem(fault.Message, statusCode: StatusCodes.Status400BadRequest);
            }
        });
    }
}
