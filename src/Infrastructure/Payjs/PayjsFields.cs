namespace PayRecharge.Infrastructure.Payjs;

/// <summary>
/// The rules for the fields of all PAYJS messages, notices and replies. PAYJS joins raw values before it signs them, so one signature fits
/// every way to split the joined text into fields, and a buyer writes part of that text. Anyone who sees a message can regroup it without
/// the key. These rules leave only one valid split.
/// </summary>
internal static class PayjsFields
{
    /// <summary>The buyer's own text, the only field of a payment that may contain <c>&amp;</c>.</summary>
    public const string BuyersText = "attach";

    /// <summary>Collects fields by name.</summary>
    /// <param name="fields">The fields as received.</param>
    /// <param name="values">Receives the values.</param>
    /// <returns>The defect: an invalid or repeated name. Null if there is none.</returns>
    public static string? Read(IEnumerable<KeyValuePair<string, string>> fields, Dictionary<string, string> values)
    {
        foreach (var (name, value) in fields)
        {
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) return "a field's name is odd";
            if (!values.TryAdd(name, value)) return $"{name} is doubled";
        }
        return null;
    }

    /// <summary>Returns why a message is not trusted although its signature is valid.</summary>
    /// <param name="values">The fields by name.</param>
    /// <param name="required">The fields that must be present and not empty.</param>
    /// <param name="freeText">The field that may hold any text.</param>
    /// <returns>The reason; null if the message can be trusted.</returns>
    public static string? DefectOf(IReadOnlyDictionary<string, string> values, string[] required, string freeText = BuyersText)
    {
        if (Array.Find(required, name => values.GetValueOrDefault(name, "").Length == 0) is { } missing) return $"{missing} is missing";
        if (values.FirstOrDefault(f => f.Key != freeText && f.Value.Contains('&', StringComparison.Ordinal)) is { Key: { } joined }) return $"{joined} holds several fields";
        return values.GetValueOrDefault("payjs_order_id", "").Length > 32 || values.GetValueOrDefault("transaction_id", "").Length > 64 ? "an id is too long" : null;
    }
}
