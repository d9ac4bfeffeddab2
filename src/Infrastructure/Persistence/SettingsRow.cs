namespace PayRecharge.Infrastructure.Persistence;

/// <summary>The only settings row.</summary>
internal sealed class SettingsRow
{
    public const int TheId = 1;

    public int Id { get; init; } = TheId;

    /// <summary>Increases with every change of <see cref="Document"/>.</summary>
    public long Version { get; set; }

    /// <summary>The settings as JSON.</summary>
    public string Document { get; set; } = "";

    /// <summary>SHA-256 of the drawn admin key, upper-case hex; null until a key is drawn.</summary>
    public string? AdminKeyHash { get; set; }
}
