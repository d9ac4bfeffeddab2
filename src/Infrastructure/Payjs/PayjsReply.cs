using System.Globalization;
using System.Text.Json;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>A reply of PAYJS: its members as text, in the form in which they are signed.</summary>
internal sealed class PayjsReply
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    private PayjsReply() { }

    public IReadOnlyDictionary<string, string> Fields => _fields;

    public bool Accepted => this["return_code"] == "1";

    /// <summary>The reason of a refusal: PAYJS writes it under either name.</summary>
    public string Message => this["return_msg"] is { Length: > 0 } message ? message : this["msg"] ?? "";

    public string? this[string name] => _fields.GetValueOrDefault(name);

    /// <summary>Reads a reply.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.GatewayFailed"/>: it is no JSON object with a return code.</exception>
    public static PayjsReply Parse(string json)
    {
        var reply = new PayjsReply();
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement.ValueKind == JsonValueKind.Object) reply.Read(document.RootElement, prefix: null);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new RefusedException(Refusal.GatewayFailed, "the reply is no JSON");
        }
        return reply["return_code"] is not null ? reply : throw new RefusedException(Refusal.GatewayFailed, "the reply has no return_code");
    }

    /// <summary>Refuses a reply that none of a merchant's keys signed.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.GatewayFailed"/>.</exception>
    public PayjsReply SignedBy(IEnumerable<Merchant> keys) =>
        keys.Any(m => PayjsSign.Verify(_fields, m.Key, this[PayjsSign.Field])) ? this : throw new RefusedException(Refusal.GatewayFailed, "the reply's signature is wrong");

    /// <summary>The amount in fen: a number, or text where the request was a form.</summary>
    public long? TotalFee => ParseFen(this["total_fee"]);

    public static long? ParseFen(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var fen) ? fen : null;

    /// <summary>The gateway's clock is China's, whatever the site's. The first hours of the year 1 there have no UTC.</summary>
    public static DateTimeOffset? ParseTime(string? text) =>
        DateTime.TryParseExact(text, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) && time.Year > 1
            ? new DateTimeOffset(time, TimeSpan.FromHours(8)).ToUniversalTime() : null;

    // Nested members are signed in PHP's notation; null is no value.
    private void Read(JsonElement parent, string? prefix)
    {
        var members = parent.ValueKind == JsonValueKind.Array
            ? parent.EnumerateArray().Select((value, index) => (Name: index.ToString(CultureInfo.InvariantCulture), Value: value))
            : parent.EnumerateObject().Select(member => (member.Name, member.Value));
        foreach (var (name, value) in members)
        {
            var path = prefix is null ? name : $"{prefix}[{name}]";
            switch (value.ValueKind)
            {
                case JsonValueKind.Object or JsonValueKind.Array: Read(value, path); break;
                case JsonValueKind.String: _fields[path] = value.GetString()!; break;
                case JsonValueKind.Number: _fields[path] = value.GetRawText(); break;
                case JsonValueKind.True: _fields[path] = "1"; break;
                case JsonValueKind.False: _fields[path] = "0"; break;
                default: _fields.Remove(path); break;
            }
        }
    }
}
