using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.DataProtection;
using PayRecharge.Application.Settings;
using PayRecharge.Infrastructure.Payjs;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>
/// The settings as JSON. Secrets are encrypted by Data Protection, whose keys are stored in files: a copy of the database alone
/// reveals no secret.
/// </summary>
internal sealed class SettingsDocument
{
    private readonly JsonSerializerOptions _options;

    public SettingsDocument(IDataProtectionProvider protection)
    {
        var secret = new SecretConverter(protection.CreateProtector("PayRecharge.Settings"));
        var resolver = new DefaultJsonTypeInfoResolver
        {
            Modifiers =
            {
                type =>
                {
                    var name = type.Type == typeof(Merchant) ? nameof(Merchant.Key) : type.Type == typeof(RechargeSettings) ? nameof(RechargeSettings.TransportKey) : null;
                    foreach (var property in type.Properties.Where(p => p.Name == name)) property.CustomConverter = secret;
                },
            },
        };
        _options = new JsonSerializerOptions { TypeInfoResolver = resolver };
    }

    public string Write(RechargeSettings settings) => JsonSerializer.Serialize(settings, _options);

    /// <summary>Reads the settings of a row. Versions before 0.3 had one gateway and stored no code of it.</summary>
    /// <exception cref="CryptographicException">A secret was encrypted with a key that is not in the files.</exception>
    public RechargeSettings Read(SettingsRow row)
    {
        var settings = JsonSerializer.Deserialize<RechargeSettings>(row.Document, _options)!.WithKeyNumbers();
        return settings with { Version = row.Version, Merchant = Named(settings.Merchant), RetiredMerchants = [.. settings.RetiredMerchants.Select(m => Named(m)!)] };
    }

    private static Merchant? Named(Merchant? merchant) => merchant is { Gateway: null } ? merchant with { Gateway = PayjsGateway.Name } : merchant;

    /// <summary>Whether a row was written before secrets were encrypted.</summary>
    public static bool IsPlain(SettingsRow row) => JsonNode.Parse(row.Document)![nameof(RechargeSettings.TransportKey)] is JsonValue;

    /// <summary>A secret is an object with its ciphertext. Versions before 0.2 wrote plain text.</summary>
    private sealed class SecretConverter(IDataProtector protector) : JsonConverter<string>
    {
        private const string Member = "Protected";

        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String ? reader.GetString() : protector.Unprotect((string)JsonNode.Parse(ref reader)![Member]!);

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteString(Member, protector.Protect(value));
            writer.WriteEndObject();
        }
    }
}
