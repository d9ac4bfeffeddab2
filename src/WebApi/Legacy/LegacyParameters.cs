using System.Text;

namespace PayRecharge.WebApi.Legacy;

/// <summary>The parameters of one legacy request, trimmed and decoded.</summary>
internal sealed class LegacyParameters(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> values, Encoding encoding)
{
    /// <summary>The text of a parameter; null where it is absent, empty or malformed.</summary>
    public string? this[string name] => Decode(name, out _);

    /// <summary>Whether something was sent that the charset cannot decode, or that holds a control character.</summary>
    public bool IsMalformed(string name)
    {
        Decode(name, out var malformed);
        return malformed;
    }

    /// <summary>Whether a required parameter counts as missing: absent, empty or, as PHP's empty() has it, exactly 0.</summary>
    public bool IsMissing(string name) => Decode(name, out var malformed) is null or "0" && !malformed;

    private string? Decode(string name, out bool malformed)
    {
        malformed = false;
        if (!values.TryGetValue(name, out var bytes) || bytes.IsEmpty)
            return null;
        try
        {
            var text = encoding.GetString(bytes.Span);
            malformed = text.Any(char.IsControl);
            return malformed ? null : text;
        }
        catch (DecoderFallbackException)
        {
            malformed = true;
            return null;
        }
    }
}
