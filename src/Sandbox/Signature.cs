using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PayRecharge.Sandbox;

internal static class Signature
{
    public const string Member = "sign";

    [SuppressMessage("Security", "CA5351", Justification = "The gateway's protocol prescribes MD5.")]
    public static string Of<TValue>(IEnumerable<KeyValuePair<string, TValue>> members, string key)
    {
        var signed = members
            .Where(member => member.Key != Member)
            .Select(member => (Name: member.Key, Text: Convert.ToString(member.Value, CultureInfo.InvariantCulture)))
            .Where(member => !string.IsNullOrEmpty(member.Text))
            .OrderBy(member => member.Name, StringComparer.Ordinal)
            .Select(member => $"{member.Name}={member.Text}")
            .Append($"key={key}");
        return Convert.ToHexString(MD5.HashData(Encoding.UTF8.GetBytes(string.Join('&', signed))));
    }

    public static bool Holds(RequestFields fields, string key) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(fields.Text(Member)), Encoding.UTF8.GetBytes(Of(fields.Values, key)));
}
