using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace PayRecharge.Sandbox;

/// <summary>A call's parameters: text, or a whole number where a JSON body had one, because the gateway echoes the kind it received.</summary>
internal sealed record RequestFields(IReadOnlyDictionary<string, object> Values)
{
    public string Text(string name) =>
        Convert.ToString(Values.GetValueOrDefault(name), CultureInfo.InvariantCulture) ?? "";

    /// <summary>Reads the query and lays the body, a form or JSON, over it.</summary>
    /// <returns>Null where the body cannot be read; the gateway answers that like any other refusal.</returns>
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

    // Of a repeated field PHP, and so the gateway, keeps the last.
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
