namespace PayRecharge.Infrastructure.Payjs;

/// <summary>
/// The rules for the fields of every message of PAYJS, sent to us or answered to us. PAYJS joins values raw before it signs them, so
/// one signature fits every way to cut the joined text into fields, and a buyer writes a part of that text. Whoever sees a message
/// can regroup it without the key. With these rules one way to cut it is left.
/// </summary>
internal static class PayjsFields
{
    /// <summary>The buyer's own text, the one field of a payment that may hold the sign that joins fields.</summary>
    public const string BuyersText = "attach";

    /// <summary>Reads fields by their names.</summary>
    /// <param name="fields">The fields as they came.</param>
    /// <param name="values">Takes the values.</param>
    /// <returns>Why they are no message: a name that is odd or doubled. Null if they are one.</returns>
    public static string? Read(IEnumerable<KeyValuePair<string, string>> fields, Dictionary<string, string> values)
    {
        foreach (var (name, value) in fields)
        {
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) return "a field's name is odd";
            if (!values.TryAdd(name, value)) return $"{name} is doubled";
        }
        return null;
    }

    /// <summary>Tells why a message cannot be believed although its signature is right.</summary>
    /// <param name="values">The fields by name.</param>
    /// <param name="required">The fields that must be there and not empty.</param>
    /// <param name="freeText">The field that may hold any text.</param>
    /// <returns>The reason; null if the message can be believed.</returns>
    public static string? DefectOf(IReadOnlyDictionary<string, string> values, string[] required, string freeText = BuyersText)
    {
        if (Array.Find(required, name => values.GetValueOrDefault(name, "").Length == 0) is { } missing) return $"{missing} is missing";
        if (values.FirstOrDefault(f => f.Key != freeText && f.Value.Contains('&', StringComparison.Ordinal)) is { Key: { } joined }) return $"{joined} holds several fields";
        return values.GetValueOrDefault("payjs_order_id", "").Length > 32 || values.GetValueOrDefault("transaction_id", "").Length > 64 ? "an id is too long" : null;
    }
}
