using System.Globalization;
using System.Text.Json;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>A PAYJS reply: its members as text, in the form that is signed.</summary>
internal sealed class PayjsReply
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    private PayjsReply() { }

    public IReadOnlyDictionary<string, string> Fields => _fields;

    public bool Accepted => this["return_code"] == "1";

    /// <summary>The reason of a refusal; PAYJS uses either name.</summary>
    public string Message => this["return_msg"] is { Length: > 0 } message ? message : this["msg"] ?? "";

    public string? this[string name] => _fields.GetValueOrDefault(name);

    /// <summary>Parses a reply.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.GatewayFailed"/>: not a JSON object with a return code.</exception>
    public static PayjsReply Parse(string json)
    {
        var reply = new PayjsReply();
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement.ValueKind == JsonValueKind.Object) reply.Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new RefusedException(Refusal.GatewayFailed, "the reply is no JSON");
        }
        return reply["return_code"] is not null ? reply : throw new RefusedException(Refusal.GatewayFailed, "the reply has no return_code");
    }

    /// <summary>Refuses a reply that no key of the merchant signed, or that breaks the rules of <see cref="PayjsFields"/>.</summary>
    /// <param name="keys">The merchant's keys.</param>
    /// <param name="required">The fields that must be present and not empty.</param>
    /// <param name="freeText">The field that may hold any text.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.GatewayFailed"/>.</exception>
    public PayjsReply SignedBy(IEnumerable<Merchant> keys, string[] required, string freeText = PayjsFields.BuyersText)
    {
        if (!keys.Any(IsSignedBy)) throw new RefusedException(Refusal.GatewayFailed, "the reply's signature is wrong");
        return PayjsFields.DefectOf(_fields, required, freeText) is { } defect ? throw new RefusedException(Refusal.GatewayFailed, $"the reply cannot be believed: {defect}") : this;
    }

    /// <summary>Whether a merchant's key signed the reply.</summary>
    public bool IsSignedBy(Merchant merchant) => PayjsSign.Verify(_fields, merchant.Key, this[PayjsSign.Field]);

    /// <summary>The amount in fen: a number, or text if the request was a form.</summary>
    public long? TotalFee => ParseFen(this["total_fee"]);

    public static long? ParseFen(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var fen) ? fen : null;

    /// <summary>Parses a gateway time: China time, whatever the site's zone. The first hours of year 1 have no UTC.</summary>
    public static DateTimeOffset? ParseTime(string? text) =>
        DateTime.TryParseExact(text, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) && time.Year > 1
            ? new DateTimeOffset(time, TimeSpan.FromHours(8)).ToUniversalTime() : null;

    // Null and nested values count as absent. Our calls have no nested members; a signature over one fails to verify.
    private void Read(JsonElement reply)
    {
        var members = reply.EnumerateObject().ToList();
        if (PayjsFields.Read(members.Select(m => KeyValuePair.Create(m.Name, TextOf(m.Value) ?? "")), _fields) is { } defect)
            throw new RefusedException(Refusal.GatewayFailed, $"the reply cannot be read: {defect}");
        foreach (var absent in members.Where(m => TextOf(m.Value) is null)) _fields.Remove(absent.Name);
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "1",
        JsonValueKind.False => "0",
        _ => null,
    };
}
