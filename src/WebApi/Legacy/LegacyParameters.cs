using System.Security.Cryptography;
using System.Text;
using Pair = (System.ReadOnlyMemory<byte> Name, System.ReadOnlyMemory<byte> Value);

namespace PayRecharge.WebApi.Legacy;

/// <summary>The parameters of one legacy request, in the order sent. The last value of a name counts.</summary>
internal sealed class LegacyParameters(List<Pair> pairs, Encoding encoding)
{
    /// <summary>The text of a parameter; null if absent, empty or malformed.</summary>
    public string? this[string name] => Decode(Find(name), out _);

    /// <summary>Whether the value cannot be decoded in the charset or contains a control character.</summary>
    public bool IsMalformed(string name)
    {
        var bytes = Find(name);
        if (IsPlain(bytes)) return false;
        Decode(bytes, out var malformed);
        return malformed;
    }

    /// <summary>Whether a required parameter counts as missing: absent, empty or, as in PHP's empty(), exactly 0.</summary>
    public bool IsMissing(string name) => Find(name) is [] or [(byte)'0'];

    /// <summary>Whether a parameter equals a secret of visible ASCII. The time taken reveals only the lengths.</summary>
    public bool IsSecret(string name, string secret)
    {
        Span<byte> expected = stackalloc byte[secret.Length];
        return secret.Length > 0 && Encoding.ASCII.GetBytes(secret, expected) == secret.Length && CryptographicOperations.FixedTimeEquals(Find(name), expected);
    }

    // No parameter takes an array, but an array replaces an earlier value of the same name.
    private ReadOnlySpan<byte> Find(string name)
    {
        for (var i = pairs.Count - 1; i >= 0; i--)
        {
            var sent = pairs[i].Name.Span;
            if (sent.Length < name.Length || !Ascii.Equals(sent[..name.Length], name)) continue;
            var rest = sent[name.Length..];
            if (rest.IsEmpty) return pairs[i].Value.Span.Trim(" \t\r\n\0\v"u8);
            if (rest[0] == '[' && rest.Contains((byte)']')) return default;
        }
        return default;
    }

    private string? Decode(ReadOnlySpan<byte> bytes, out bool malformed)
    {
        malformed = false;
        if (bytes.IsEmpty) return null;
        if (IsPlain(bytes)) return Encoding.ASCII.GetString(bytes);
        try
        {
            var text = encoding.GetString(bytes);
            malformed = text.Any(char.IsControl);
            return malformed ? null : text;
        }
        catch (DecoderFallbackException)
        {
            malformed = true;
            return null;
        }
    }

    // Printable ASCII is the same in every charset.
    private static bool IsPlain(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~');
}
