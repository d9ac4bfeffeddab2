using System.Text.Encodings.Web;
using System.Text.Json;

namespace PayRecharge.Sandbox;

/// <summary>A call's reply before it is signed and written: members in ordinal order, the signature always last.</summary>
internal sealed record Reply(SortedDictionary<string, object?> Members, bool Signed)
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Reply Accepted(params ReadOnlySpan<(string Name, object? Value)> members) => From(true, [("return_code", 1), .. members]);

    public static Reply Refused(string why) =>
        From(false, [("msg", why), ("return_code", 0), ("return_msg", why), ("status", 0)]);

    public Reply Unsigned() => this with { Signed = false };

    public Reply With(string name, object? value) =>
        this with { Members = new SortedDictionary<string, object?>(Members, StringComparer.Ordinal) { [name] = value } };

    public byte[] ToJson(string key)
    {
        var ordered = new OrderedDictionary<string, object?>(Members);
        if (Signed)
            ordered.Add(Signature.Member, Signature.Of(Members, key));

        return JsonSerializer.SerializeToUtf8Bytes(ordered, Readable);
    }

    private static Reply From(bool signed, ReadOnlySpan<(string Name, object? Value)> members)
    {
        var sorted = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in members)
            sorted.Add(name, value);

        return new(sorted, signed);
    }
}
