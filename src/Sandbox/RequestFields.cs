using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace PayRecharge.Sandbox;

/// <summary>A call's parameters: text, or a whole number where a JSON body had one, because the gateway echoes the kind it received.</summary>
internal sealed record RequestFields(IReadOnlyDictionary<string, object> Values)
{
    public string Text(string name) =>
        Convert.ToString(Values.GetValueOrDefault(name), CultureInfo.InvariantCulture) ?? "";

    /// <returns>Null where the body cannot be read; the gateway answers that like any other refusal.</returns>
    public static async Task<RequestFields?> ReadAsync(HttpRequest request)
    {
        try
        {
            return request.HasJsonContentType() ? await ReadJsonAsync(request)
                : request.HasFormContentType ? await ReadFormAsync(request)
                : null;
        }
        catch (Exception fault) when (fault is JsonException or IOException or InvalidDataException or InvalidOperationException)
        {
            return null;
        }
    }

    private static async Task<RequestFields> ReadFormAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        // Of a repeated field PHP, and so the gateway, keeps the last.
        return new(form.ToDictionary(field => field.Key, object (field) => field.Value[^1] ?? ""));
    }

    private static async Task<RequestFields> ReadJsonAsync(HttpRequest request)
    {
        using var body = await JsonDocument.ParseAsync(request.Body, default, request.HttpContext.RequestAborted);
        var values = new Dictionary<string, object>();
        foreach (var member in body.RootElement.EnumerateObject())
            if (member.Value.ValueKind != JsonValueKind.Null)
                values[member.Name] = Value(member.Value);

        return new(values);
    }

    private static object Value(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => json.GetString() ?? "",
        JsonValueKind.Number => json.TryGetInt64(out var number) ? number : json.GetRawText(),
        _ => throw new JsonException("The gateway's parameters are flat."),
    };
}
