using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace PayRecharge.Infrastructure.Payjs;

/// <summary>
/// The PAYJS signature: all fields except <c>sign</c> and empty ones, sorted by name in byte order, joined raw as <c>name=value&amp;…</c>,
/// then <c>&amp;key=</c> and the key; MD5 of the UTF-8 bytes in upper-case hex.
/// </summary>
internal static class PayjsSign
{
    public const string Field = "sign";

    public static string Of(IEnumerable<KeyValuePair<string, string>> fields, string key) => Hash(Canonical(fields), key);

    /// <summary>Whether a key produced a signature; an empty key never does. Takes the same time wherever the two differ.</summary>
    public static bool Verify(IEnumerable<KeyValuePair<string, string>> fields, string key, string? sign) =>
        key.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Of(fields, key)), Encoding.UTF8.GetBytes(sign ?? ""));

    /// <summary>The signed text, without the key.</summary>
    public static string Canonical(IEnumerable<KeyValuePair<string, string>> fields) => string.Join('&', fields
        .Where(f => f.Key != Field && f.Value.Length > 0)
        .OrderBy(f => f.Key, Utf8Order)
        .Select(f => $"{f.Key}={f.Value}"));

    // UTF-8 byte order is code point order. Ordinal string comparison differs from it beyond the BMP.
    private static readonly Comparer<string> Utf8Order =
        Comparer<string>.Create((a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));

    [SuppressMessage("Security", "CA5351", Justification = "The gateway's protocol prescribes MD5.")]
    private static string Hash(string canonical, string key) =>
        Convert.ToHexString(MD5.HashData(Encoding.UTF8.GetBytes(canonical.Length == 0 ? $"key={key}" : $"{canonical}&key={key}")));
}
