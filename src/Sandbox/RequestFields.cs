using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace PayRecharge.Sandbox;

/// <summary>A call's parameters: text, or an integer if the JSON body has one, because the gateway echoes the type it received.</summary>
internal sealed record RequestFields(IReadOnlyDictionary<string, object> Values)
{
    public string Text(string name) =>
        Convert.ToString(Values.GetValueOrDefault(name), CultureInfo.InvariantCulture) ?? "";

    /// <summary>Reads the query and the body, a form or JSON; the body's fields win.</summary>
    /// <returns>Null if the body is invalid or no field was sent; the gateway refuses such a call.</returns>
    public static async Task<RequestFields?> ReadAsync(HttpRequest request)
    {
        try
        {
            var values = request.Query.ToDictionary(field => field.Key, object (field) => Last(field.Value));
            if (request.HasJsonContentType())
                await ReadJsonAsync(request, values);
            else if (request.HasFormContentType)
                foreach (var (name, value) in await request.ReadFormAsync(request.HttpContext.RequestAborted))
                    values[name] = Last(value);
            return values.Count == 0 ? null : new(values);
        }
        catch (Exception fault) when (fault is JsonException or IOException or InvalidDataException or InvalidOperationException)
        {
            return null;
        }
    }

    // PHP, and so the gateway, keeps the last value of a repeated field.
    private static string Last(StringValues values) => values[^1] ?? "";

    private static async Task ReadJsonAsync(HttpRequest request, Dictionary<string, object> values)
    {
        using var body = await JsonDocument.ParseAsync(request.Body, default, request.HttpContext.RequestAborted);
        foreach (var member in body.RootElement.EnumerateObject())
            if (member.Value.ValueKind != JsonValueKind.Null)
                values[member.Name] = Value(member.Value);
    }

    private static object Value(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => json.GetString() ?? "",
        JsonValueKind.Number => json.TryGetInt64(out var number) ? number : json.GetRawText(),
        _ => throw new JsonException("The gateway's parameters are flat."),
    };
}
